import HTTP
import Tensors

/// Reads observations: an array of numbers, nested for pictures, an object of named fields, the number of a state, or a picture file.
struct ObservationReader: Sendable {
  let format: QValueFormat
  /// How pictures become numbers, for a model that takes them.
  let images: ImageInput?
  /// The names of the fields, to be compared as bytes.
  private let fields: [[UInt8]]
  private let sizes: StagedShape

  init(_ format: QValueFormat, images: ImageInput?) {
    self.format = format
    self.images = images
    fields = (format.fields ?? []).map { Array($0.utf8) }
    sizes = StagedShape(format.sizes)
  }

  /// What an observation is, in words: `a list of 2 numbers (x, y)`.
  var expected: String {
    if let states = format.states {
      return "the number of a state, \(states.lowerBound) to \(states.upperBound)"
    }
    let text =
      format.sizes.count == 1
      ? "a list of \(format.count) numbers" : "nested lists of shape \(format.sizes)"
    guard let names = format.fields else { return text }
    let list = names.prefix(Self.namesShown).joined(separator: ", ")
    return "\(text) (\(list)\(names.count > Self.namesShown ? ", ..." : ""))"
  }

  /// Fields that a message lists.
  private static let namesShown = 16

  // MARK: - One observation

  /// Reads the observation at the cursor and appends it.
  ///
  /// - Parameters:
  ///   - name: What the text calls it, for messages: `instances[0]`.
  ///   - cursor: Before the observation; behind it afterwards.
  ///   - staging: Gets `format.count` elements.
  /// - Throws: `JSONError` or `ServiceError` that names the field, what is expected and what was found.
  func read(
    _ name: String,
    _ cursor: inout JSONCursor,
    into staging: TensorStaging
  ) throws {
    cursor.skipSpace()
    let start = cursor
    let first = staging.elementCount
    if cursor.peek() == 0x7B {
      if let images, let bytes = try cursor.binaryObject() {
        try append(images, bytes, name, staging)
      } else {
        try readFields(name, &cursor, into: staging)
      }
    } else {
      let isList = cursor.peek() == 0x5B
      guard isList == (format.states == nil) else {
        let found = isList ? "a list" : "'\(cursor.peek() == 0 ? "the end" : cursor.found)'"
        throw start.error("\(name) must be \(expected), found \(found)")
      }
      let shape = try JSONTensorReader(name: name).read(&cursor, into: staging)
      guard shape == sizes else {
        let found =
          shape.rank == 1 ? "\(shape[0]) numbers" : "nested lists of shape \(shape.dimensions)"
        throw start.error("\(name) must be \(expected), found \(found)")
      }
    }
    if let position = notFinite(staging, from: first) {
      throw start.error("\(name)\(place(position)) is not a finite number")
    }
    if let state = firstUnknownState(staging, from: first) {
      throw start.error("\(name) is state \(state.number), expected \(expected)")
    }
  }

  private func append(
    _ images: ImageInput,
    _ bytes: [UInt8],
    _ name: String,
    _ staging: TensorStaging
  ) throws(ServiceError) {
    do {
      let row = try bytes.withUnsafeBytes { try images.decode($0) }
      row.withUnsafeBytes { staging.append($0) }
    } catch {
      throw .invalid("\(name): \(error)")
    }
  }

  private func readFields(
    _ name: String,
    _ cursor: inout JSONCursor,
    into staging: TensorStaging
  ) throws(JSONError) {
    let start = cursor
    guard !fields.isEmpty else {
      throw start.error(
        "\(name) is an object, but the model's observations have no named fields: send \(expected)"
      )
    }
    let first = staging.elementCount
    let target = staging.reserve(first + fields.count).assumingMemoryBound(to: Float.self) + first
    var isRead = [Bool](repeating: false, count: fields.count)
    var next = 0
    try cursor.expect(0x7B, "at the start of \(name)")
    if !cursor.take(0x7D) {
      repeat {
        cursor.skipSpace()
        let keyStart = cursor
        // Nearly always in the order of the model.
        let index = try cursor.string { text in
          next < fields.count && text.elementsEqual(fields[next])
            ? next : fields.firstIndex { text.elementsEqual($0) }
        }
        guard let index else {
          throw keyStart.error(
            "\(name) has the field '\(try key(keyStart))', which the model does not know; expected \(expected)"
          )
        }
        let field = format.fields?[index] ?? ""
        guard !isRead[index] else {
          throw keyStart.error("\(name) has the field '\(field)' twice")
        }
        isRead[index] = true
        next = index + 1
        try cursor.expect(0x3A, "after the field '\(field)'")
        cursor.skipSpace()
        do throws(JSONError) {
          target[index] = try cursor.float()
        } catch {
          throw JSONError(offset: error.offset, reason: "\(name).\(field): \(error.reason)")
        }
      } while cursor.take(0x2C)
      try cursor.expect(0x7D, "or ',' in \(name)")
    }
    if let missing = isRead.firstIndex(of: false) {
      throw start.error(
        "\(name) lacks the field '\(format.fields?[missing] ?? "")'; expected \(expected)"
      )
    }
    staging.elementCount = first + fields.count
  }

  private func key(_ cursor: JSONCursor) throws(JSONError) -> String {
    var cursor = cursor
    return String(try cursor.string().prefix(64))
  }

  // MARK: - Values that no model can use

  /// The position behind `first` of the first number that is none, within its observation.
  func notFinite(_ staging: TensorStaging, from first: Int = 0) -> Int? {
    guard staging.dtype == .float32 else { return nil }
    let values = staging.bytes.bindMemory(to: Float.self)[first...]
    // One comparison for all of them: a sum of products with 0 is 0 unless one is not finite.
    var sum: Float = 0
    for value in values { sum += value * 0 }
    if sum == 0 { return nil }
    return values.firstIndex { !$0.isFinite }.map { $0 - first }
  }

  /// The first number behind `first` that is no state, and which of them it is.
  private func firstUnknownState(
    _ staging: TensorStaging,
    from first: Int
  ) -> (position: Int, number: Int64)? {
    guard let states = format.states, staging.dtype == .int64 else { return nil }
    let values = staging.bytes.bindMemory(to: Int64.self)[first...]
    guard let index = values.firstIndex(where: { !states.contains($0) }) else { return nil }
    return (index - first, values[index])
  }

  /// Where a number of an observation stands: `[3]`, with its name where it has one.
  private func place(_ position: Int) -> String {
    var rest = position
    var indices: [Int] = []
    for size in format.sizes.reversed() {
      indices.insert(rest % size, at: 0)
      rest /= size
    }
    let path = indices.map { "[\($0)]" }.joined()
    guard let fields = format.fields, fields.indices.contains(position) else { return path }
    return "\(path) (\(fields[position]))"
  }
}

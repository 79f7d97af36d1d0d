import Storage

/// A row and its true answer, as they are kept on disk.
///
/// Its bytes are 1, the length of a JSON object (UInt32, little-endian), that object, and the row's float32 values.
struct FeedbackRecord: Equatable, Sendable {
  /// The id of the prediction.
  let id: String
  /// When the answer was told, seconds since 1970.
  let time: Double
  /// The version that predicted it.
  let version: Int
  let predicted: Prediction
  let truth: Prediction
  /// Sizes of the row.
  let shape: [Int]
  /// The row's float32 values, little-endian.
  let row: [UInt8]

  /// The first byte of a record.
  private static let kind: UInt8 = 1
  /// Bytes before the object.
  private static let prefixByteCount = 5

  /// The bytes.
  var encoded: [UInt8] {
    let head: JSONValue = [
      "id": .string(id), "time": .number(time), "version": JSONValue(version),
      "predicted": Self.json(predicted), "truth": Self.json(truth),
      "shape": .array(shape.map { JSONValue($0) }),
    ]
    let text = head.bytes
    let length = withUnsafeBytes(of: UInt32(clamping: text.count).littleEndian) { Array($0) }
    return [Self.kind] + length + text + row
  }

  /// Labels are strings, values lists; a number that is not finite becomes null.
  private static func json(_ value: Prediction) -> JSONValue {
    switch value {
    case .label(let name): .string(name)
    case .values(let values): .array(values.map { .number(Double($0)) })
    }
  }
}

extension FeedbackRecord {
  /// Reads a record's bytes.
  ///
  /// - Throws: `FormatError` for bytes that `encoded` does not write.
  init(_ bytes: [UInt8]) throws(FormatError) {
    guard bytes.count >= Self.prefixByteCount, bytes[0] == Self.kind else {
      throw FormatError("feedback", at: 0, "this is no record of a row")
    }
    let length = bytes[1..<Self.prefixByteCount].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= bytes.count - Self.prefixByteCount else {
      throw FormatError("feedback", at: 1, "an object of \(length) bytes ends behind the record")
    }
    let text = bytes[Self.prefixByteCount..<(Self.prefixByteCount + length)]
    guard let head = try? text.withUnsafeBytes({ try JSONValueReader.read($0) }),
      case .string(let id)? = head["id"], case .number(let time)? = head["time"],
      case .number(let number)? = head["version"], let version = Int(exactly: number),
      let predicted = Self.prediction(head["predicted"]),
      let truth = Self.prediction(head["truth"]),
      case .array(let sizes)? = head["shape"]
    else {
      throw FormatError("feedback", at: Self.prefixByteCount, "the object lacks a member")
    }
    let shape = sizes.compactMap { size -> Int? in
      if case .number(let size) = size { Int(exactly: size) } else { nil }
    }
    row = Array(bytes[(Self.prefixByteCount + length)...])
    guard shape.count == sizes.count, Self.byteCount(of: shape) == row.count else {
      throw FormatError("feedback", "a row of \(row.count) bytes does not have the shape \(shape)")
    }
    self.id = id
    self.time = time
    self.version = version
    self.predicted = predicted
    self.truth = truth
    self.shape = shape
  }

  /// Bytes of a row with these sizes; nil where there are too many or a size is negative.
  private static func byteCount(of shape: [Int]) -> Int? {
    var count = MemoryLayout<Float>.stride
    for size in shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflows else { return nil }
      count = product
    }
    return count
  }

  private static func prediction(_ value: JSONValue?) -> Prediction? {
    switch value {
    case .string(let name): return .label(name)
    case .array(let elements):
      let values = elements.compactMap { element -> Float? in
        switch element {
        case .number(let number): Float(number)
        case .null: Float.nan
        default: nil
        }
      }
      return values.count == elements.count ? .values(values) : nil
    default: return nil
    }
  }
}

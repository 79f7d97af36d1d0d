import Datasets
import Tensors

/// Reads examples as JSON Lines: an object on each line, `{"input": ..., "label": ...}` or `{"input": ..., "target": ...}`.
///
/// Empty lines are skipped. A bad line is a problem of its own; the next one is read all the same.
struct JSONLinesExamples {
  /// Reads all lines into `builder`.
  static func read(
    _ stream: ByteStream,
    into builder: inout ExampleBuilder
  ) throws(ExampleProblems) {
    var number = 0
    while let line = try nextLine(stream, number + 1, builder) {
      number += 1
      guard line.contains(where: { $0 > 0x20 }) else { continue }
      try builder.row(at: .line(number)) { builder in
        try JSONExampleRow().read(line, into: &builder)
      }
    }
  }

  private static func nextLine(
    _ stream: ByteStream,
    _ number: Int,
    _ builder: ExampleBuilder
  ) throws(ExampleProblems) -> UnsafeRawBufferPointer? {
    do {
      return try stream.nextLine(byteCountMax: builder.limits.lineBytes)
    } catch { throw builder.stopped(at: .line(number), ExampleFault(error, in: "row")) }
  }
}

/// Reads one example as a JSON object.
///
/// Its keys are what the kind of model needs; each is read by its own line in `read`, so that other kinds (pairs of texts) are further
/// keys and not another reader.
struct JSONExampleRow {
  private enum Key: String, CaseIterable {
    case input, label, target
  }

  /// Reads the object that is all of `text`.
  ///
  /// - Throws: `ExampleFault` for text that is no such object, a key that is unknown, missing or twice there, or a bad value.
  func read(_ text: UnsafeRawBufferPointer, into builder: inout ExampleBuilder) throws {
    var cursor = JSONCursor(text)
    var members = BodyMembers(object: "the row", reservesSignatureName: false)
    var seen: Set<Key> = []
    let answer: Key = builder.schema.targets.areLabels ? .label : .target
    try members.read(&cursor) { name, cursor in
      guard let key = Key(rawValue: name) else {
        throw ExampleFault(
          "row",
          expected: "the keys 'input' and '\(answer)'",
          got: "the key \(ExampleFault.quoted(name))"
        )
      }
      guard key == .input || key == answer else {
        throw ExampleFault(
          key.rawValue,
          expected: "'\(answer)', as the model learns \(answer == .label ? "classes" : "values")",
          got: "'\(key)'"
        )
      }
      seen.insert(key)
      switch key {
      case .input: try builder.readInput(&cursor)
      case .label: try builder.readLabel(&cursor)
      case .target: try builder.readTarget(&cursor)
      }
      return true
    }
    for key in [.input, answer] where !seen.contains(key) {
      throw ExampleFault(key.rawValue, expected: "the key '\(key)'", got: "none")
    }
  }
}

import Datasets
import ONNXFormat

/// Reads an example on each line as JSON: an object with the task's keys, or of a series its list alone.
enum SequenceJSONLines {
  /// Reads all lines into `builder`.
  static func read(
    _ stream: ByteStream,
    into builder: inout SequenceExampleBuilder
  ) throws(ExampleProblems) {
    let task = builder.schema.task
    var number = 0
    while let line = try builder.line(of: stream, number + 1) {
      number += 1
      guard line.contains(where: { $0 > 0x20 }) else { continue }
      try builder.add(at: .line(number)) { try example(line, task) }
    }
  }

  private static func example(
    _ line: UnsafeRawBufferPointer,
    _ task: SequenceTask
  ) throws -> SequenceExample {
    let value = try JSONValueReader.read(line)
    if task == .forecasting, case .array = value { return .series(try numbers(value)) }
    let keys = task.exampleKeys
    guard case .object(let members) = value else {
      throw ExampleFault("row", expected: "an object", got: value.kind)
    }
    if let other = members.first(where: { !keys.contains($0.key) }) {
      throw ExampleFault(
        "row",
        expected: "the keys \(keys.joined(separator: ", "))",
        got: "the key \(ExampleFault.quoted(other.key))"
      )
    }
    for key in keys where value[key] == nil {
      throw ExampleFault(key, expected: "the key '\(key)'", got: "none")
    }
    switch task {
    case .textGeneration: return .text(try text("text", of: value))
    case .translation:
      return .pair(source: try text("source", of: value), target: try text("target", of: value))
    case .textClassification:
      return .labelled(try text("text", of: value), value["label"] ?? .null)
    case .tokenClassification:
      return .tagged(try texts("tokens", of: value), labels: try texts("labels", of: value))
    case .forecasting: return .series(try numbers(value["series"] ?? .null))
    case .imageCaptioning:
      throw ExampleFault("format", expected: task.exampleFormats, got: "JSONL")
    }
  }

  private static func text(_ key: String, of value: JSONValue) throws(ExampleFault) -> String {
    guard let text = value[key]?.text else {
      throw ExampleFault(key, expected: "a string", got: value[key]?.kind ?? "none")
    }
    return text
  }

  private static func texts(_ key: String, of value: JSONValue) throws(ExampleFault) -> [String] {
    guard case .array(let elements)? = value[key] else {
      throw ExampleFault(key, expected: "a list of strings", got: value[key]?.kind ?? "none")
    }
    var texts: [String] = []
    for element in elements {
      guard let text = element.text, !text.isEmpty else {
        throw ExampleFault(key, expected: "a list of strings", got: "\(element.kind) in it")
      }
      texts.append(text)
    }
    return texts
  }

  private static func numbers(_ value: JSONValue) throws(ExampleFault) -> [Float] {
    guard case .array(let elements) = value else {
      throw ExampleFault("series", expected: "a list of numbers", got: value.kind)
    }
    var numbers: [Float] = []
    for element in elements {
      guard let number = element.double else {
        throw ExampleFault("series", expected: "finite numbers", got: element.kind)
      }
      numbers.append(Float(number))
    }
    return numbers
  }
}

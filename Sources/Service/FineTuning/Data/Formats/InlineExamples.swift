import Tensors

/// Reads examples from the body of a request: `{"instances": [...], "labels": [...]}`, or `"targets"` for values.
///
/// Numbers go straight from the text into tensor storage. A row of another shape or an unknown label is a problem of its own; broken
/// JSON ends the reading.
package struct InlineExamples {
  private let schema: ExampleSchema
  private let limits: ExampleLimits

  package init(_ schema: ExampleSchema, limits: ExampleLimits = ExampleLimits()) {
    self.schema = schema
    self.limits = limits
  }

  /// Reads an object that is the whole text.
  ///
  /// - Throws: `ExampleProblems`; rows are counted from 1.
  package func read(_ text: UnsafeRawBufferPointer) throws(ExampleProblems) -> ExampleSet {
    var cursor = JSONCursor(text)
    let set = try read(&cursor)
    cursor.skipSpace()
    guard cursor.isAtEnd else {
      throw ExampleProblems(.file, ExampleFault("data", expected: "the end", got: cursor.found))
    }
    return set
  }

  /// Reads the object at the cursor and leaves what follows.
  ///
  /// - Throws: `ExampleProblems`; rows are counted from 1.
  func read(_ cursor: inout JSONCursor) throws(ExampleProblems) -> ExampleSet {
    var builder = ExampleBuilder(schema, limits: limits)
    var members = BodyMembers(object: "'data'", reservesSignatureName: false)
    let answer = schema.targets.areLabels ? "labels" : "targets"
    var seen: Set<String> = []
    do {
      try members.readObject(&cursor) { name, cursor in
        seen.insert(name)
        switch name {
        case "instances":
          try rows(name, &cursor, &builder) { builder, cursor in
            try builder.readInput(&cursor, field: name)
          }
        case answer:
          try rows(name, &cursor, &builder) { builder, cursor in
            if builder.schema.targets.areLabels {
              try builder.readLabel(&cursor, field: name)
            } else {
              try builder.readTarget(&cursor, field: name)
            }
          }
        default:
          throw ExampleFault(
            "data",
            expected: "the keys 'instances' and '\(answer)'",
            got: "the key \(ExampleFault.quoted(name))"
          )
        }
        return true
      }
      for key in ["instances", answer] where !seen.contains(key) {
        throw ExampleFault("data", expected: "the key '\(key)'", got: "none")
      }
    } catch let problems as ExampleProblems {
      throw problems
    } catch { throw builder.stopped(at: .file, ExampleFault(error, in: "data")) }
    return try builder.finished()
  }

  /// Reads a list; each element is a row.
  private func rows(
    _ name: String,
    _ cursor: inout JSONCursor,
    _ builder: inout ExampleBuilder,
    _ element: (inout ExampleBuilder, inout JSONCursor) throws -> Void
  ) throws {
    try cursor.expect(0x5B, "at the start of '\(name)'")
    if cursor.take(0x5D) { return }
    var number = 0
    repeat {
      number += 1
      cursor.skipSpace()
      let start = cursor
      let isGood = try builder.row(at: .row(number)) { builder in try element(&builder, &cursor) }
      if !isGood {
        // It may have been left in its middle.
        cursor = start
        try cursor.skipValue()
      }
    } while cursor.take(0x2C)
    try cursor.expect(0x5D, "or ',' after row \(number) of '\(name)'")
  }
}

import Tensors

// The values of examples as JSON has them: the same in the rows of a file and in a request.
extension ExampleBuilder {
  /// Reads an input: numbers, nested or not, or a picture as `{"b64": picture}`.
  mutating func readInput(
    _ cursor: inout JSONCursor,
    field: String = "input"
  ) throws(ExampleFault) {
    cursor.skipSpace()
    if cursor.peek() == 0x7B {
      let file = try ExampleFault.within(field) { try cursor.binaryObject() }
      guard let file else {
        throw ExampleFault(field, expected: "numbers or {\"b64\": picture}", got: "another object")
      }
      return try appendPicture(file, field: field)
    }
    let first = inputs.elementCount
    let shape = try ExampleFault.within(field) {
      try JSONTensorReader(name: field).read(&cursor, into: inputs)
    }
    try checkInput(from: first, sizes: shape.dimensions, field: field)
  }

  /// Reads a label: a name or an index, or a list of these where the model learns several classes a row.
  mutating func readLabel(
    _ cursor: inout JSONCursor,
    field: String = "label"
  ) throws(ExampleFault) {
    cursor.skipSpace()
    guard cursor.peek() == 0x5B else {
      return try targets.append(try labelValue(&cursor, field))
    }
    var labels: [LabelValue] = []
    cursor.position += 1
    if !cursor.take(0x5D) {
      repeat {
        guard labels.count < limits.labels else {
          throw ExampleFault(field, expected: "at most \(limits.labels) labels", got: "more")
        }
        labels.append(try labelValue(&cursor, field))
      } while cursor.take(0x2C)
      try ExampleFault.within(field) { try cursor.expect(0x5D, "or ',' in a list of labels") }
    }
    try targets.append(set: labels)
  }

  private func labelValue(
    _ cursor: inout JSONCursor,
    _ field: String
  ) throws(ExampleFault) -> LabelValue {
    cursor.skipSpace()
    switch cursor.peek() {
    case 0x22:
      return .name(try ExampleFault.within(field) { try cursor.string() })
    case 0x2D, 0x30...0x39:
      return .index(try ExampleFault.within(field) { try Int64.read(&cursor) })
    default:
      throw ExampleFault(field, expected: "a name or an index", got: cursor.found)
    }
  }

  /// Reads a target: a number or a list of numbers.
  mutating func readTarget(
    _ cursor: inout JSONCursor,
    field: String = "target"
  ) throws(ExampleFault) {
    let staging = TensorStaging(.float32)
    let shape = try ExampleFault.within(field) {
      try JSONTensorReader(name: field).read(&cursor, into: staging)
    }
    guard shape.rank <= 1 else {
      throw ExampleFault(field, expected: "a number or a flat list", got: "nested lists")
    }
    try targets.append(values: staging.bytes.assumingMemoryBound(to: Float.self))
  }
}

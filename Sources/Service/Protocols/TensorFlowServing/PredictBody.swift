import HTTP
import Tensors

/// Reads the JSON body of `:predict`: `{"instances": [row, ...]}` or `{"inputs": columns}`, with an optional
/// `"signature_name"`.
///
/// `"return_ids": true` asks for an id of each row, by which its true answer can be told later.
/// Rows are plain values where the model has one input, else objects with one member an input.
/// Columns are one tensor, or an object of tensors. An image stands as `{"b64": "..."}`.
struct PredictBody {
  let collector: RowCollector

  private var signature: ModelSignature { collector.signature }

  /// How the answer is laid out: as the request was.
  enum Form {
    case rows
    case columns
  }

  /// Reads the body into `request`.
  ///
  /// - Throws: `ServiceError` that says where the text, a name or a shape is wrong.
  func read(
    _ body: UnsafeRawBufferPointer,
    into request: PendingPrediction
  ) throws -> Form {
    do {
      let form = try readMembers(body, request)
      try collector.finish(request)
      return form
    } catch let error as JSONError {
      throw ServiceError.invalid("JSON parse error: \(error.message(in: body))")
    }
  }

  private func readMembers(
    _ body: UnsafeRawBufferPointer,
    _ request: PendingPrediction
  ) throws -> Form {
    var cursor = JSONCursor(body)
    var members = BodyMembers()
    var form: Form?
    try members.read(&cursor) { name, cursor in
      switch name {
      case "instances", "inputs":
        guard form == nil else {
          throw cursor.error("the body has both 'instances' and 'inputs': send exactly one")
        }
        if name == "instances" {
          form = .rows
          try readRows(&cursor, request)
        } else {
          form = .columns
          try readColumns(&cursor, request)
        }
        return true
      case "return_ids":
        cursor.skipSpace()
        if cursor.take(word: "true") {
          request.returnsIDs = true
        } else if !cursor.take(word: "false") {
          throw cursor.error("'return_ids' must be true or false, found \(cursor.found)")
        }
        return true
      default: return false
      }
    }
    guard let form else {
      throw ServiceError.invalid(
        "Missing 'inputs' or 'instances' key: send {\"instances\": [row, ...]} or {\"inputs\": columns}\(members.namesText)"
      )
    }
    return form
  }

  // MARK: - Rows

  private func readRows(_ cursor: inout JSONCursor, _ request: PendingPrediction) throws {
    cursor.skipSpace()
    let start = cursor
    guard cursor.take(0x5B) else {
      throw cursor.error("'instances' must be a list of rows, found \(cursor.found)")
    }
    cursor.skipSpace()
    if cursor.peek() == 0x5D {
      throw cursor.error("'instances' is empty: send at least one row")
    }
    guard signature.batching != .none else {
      throw ServiceError.invalid(
        "the first dimension of this model does not count rows: send {\"inputs\": ...} instead of 'instances'"
      )
    }
    if cursor.peek() == 0x7B {
      try readObjectRows(&cursor, request)
      return
    }
    guard request.inputs.count == 1 else {
      throw cursor.error(
        "the model has several inputs: each of 'instances' must be an object with the keys \(inputNames)"
      )
    }
    cursor = start
    request.inputs[0].shape = try JSONTensorReader(name: "instances").read(
      &cursor,
      into: request.inputs[0]
    )
  }

  private var inputNames: String {
    signature.inputs.map { "'\($0.name)'" }.joined(separator: ", ")
  }

  /// Reads rows that are objects, behind the opening bracket.
  private func readObjectRows(_ cursor: inout JSONCursor, _ request: PendingPrediction) throws {
    var rows = 0
    var rowShapes: [StagedShape?] = Array(repeating: nil, count: request.inputs.count)
    repeat {
      guard rows < collector.rowsPerRequest else {
        throw ServiceError(
          .contentTooLarge,
          "'instances' has more than \(collector.rowsPerRequest) rows, which is the limit"
        )
      }
      try readObjectRow("instances[\(rows)]", &cursor, request, &rowShapes)
      rows += 1
    } while cursor.take(0x2C)
    try cursor.expect(0x5D, "or ',' after instances[\(rows - 1)]")
    for (staging, shape) in zip(request.inputs, rowShapes) {
      staging.shape = StagedShape([rows] + (shape?.dimensions ?? []))
    }
  }

  private func readObjectRow(
    _ name: String,
    _ cursor: inout JSONCursor,
    _ request: PendingPrediction,
    _ rowShapes: inout [StagedShape?]
  ) throws {
    var seen = Array(repeating: false, count: request.inputs.count)
    cursor.skipSpace()
    let start = cursor
    try cursor.expect(0x7B, "at \(name), as the first row is an object")
    if cursor.take(0x7D) {
      throw start.error("\(name) is empty, expected the keys \(inputNames)")
    }
    cursor = start
    if let image = try binaryValue(&cursor) {
      guard let input = collector.images?.input, request.inputs.count == 1 else {
        throw start.error("\(name) is an image, expected the keys \(inputNames)")
      }
      try image.withUnsafeBytes {
        try collector.appendImage($0, called: name, to: request)
      }
      rowShapes[input] = try collector.knownRowShape(input)
      return
    }
    cursor.position += 1
    repeat {
      cursor.skipSpace()
      let keyOffset = cursor.offset
      let key = try cursor.string()
      guard let index = inputIndex(key) else {
        throw JSONError(
          offset: keyOffset,
          reason: "\(name) has the key '\(key)', expected \(inputNames)"
        )
      }
      guard !seen[index] else {
        throw JSONError(offset: keyOffset, reason: "\(name) has the key '\(key)' twice")
      }
      seen[index] = true
      try cursor.expect(0x3A, "after a key")
      let shape = try readValue("\(name).\(key)", &cursor, index, request)
      if let first = rowShapes[index], first != shape {
        throw JSONError(
          offset: keyOffset,
          reason:
            "\(name).\(key) has shape \(shape.dimensions), the same of the first row has \(first.dimensions)"
        )
      }
      rowShapes[index] = shape
    } while cursor.take(0x2C)
    try cursor.expect(0x7D, "or ',' in \(name)")
    if let missing = seen.firstIndex(of: false) {
      throw start.error("\(name) lacks the key '\(signature.inputs[missing].name)'")
    }
  }

  private func inputIndex(_ name: String) -> Int? {
    signature.inputs.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
  }

  /// Reads one row's tensor or image and answers its shape.
  private func readValue(
    _ name: String,
    _ cursor: inout JSONCursor,
    _ input: Int,
    _ request: PendingPrediction
  ) throws -> StagedShape {
    if let image = try binaryValue(&cursor) {
      guard collector.images?.input == input else {
        throw cursor.error("\(name) is an image, but this input takes numbers")
      }
      try image.withUnsafeBytes {
        try collector.appendImage($0, called: name, to: request)
      }
      return try collector.knownRowShape(input)
    }
    return try JSONTensorReader(name: name).read(&cursor, into: request.inputs[input])
  }

  // MARK: - Columns

  private func readColumns(_ cursor: inout JSONCursor, _ request: PendingPrediction) throws {
    cursor.skipSpace()
    let start = cursor
    if cursor.peek() == 0x7B, try binaryValue(&cursor) == nil {
      try readNamedColumns(&cursor, request)
      return
    }
    guard request.inputs.count == 1 else {
      throw start.error(
        "the model has several inputs: 'inputs' must be an object with the keys \(inputNames)"
      )
    }
    cursor = start
    try readColumn("inputs", &cursor, 0, request)
  }

  private func readNamedColumns(_ cursor: inout JSONCursor, _ request: PendingPrediction) throws {
    let start = cursor.offset
    var members = BodyMembers(object: "'inputs'", reservesSignatureName: false)
    var seen = Array(repeating: false, count: request.inputs.count)
    try members.readObject(&cursor) { name, cursor in
      guard let index = inputIndex(name) else { return false }
      seen[index] = true
      try readColumn("inputs.\(name)", &cursor, index, request)
      return true
    }
    if let missing = seen.firstIndex(of: false) {
      throw JSONError(
        offset: start,
        reason: "'inputs' lacks the key '\(signature.inputs[missing].name)'\(members.namesText)"
      )
    }
  }

  /// Reads a whole input: a tensor, an image, or a list of images.
  private func readColumn(
    _ name: String,
    _ cursor: inout JSONCursor,
    _ input: Int,
    _ request: PendingPrediction
  ) throws {
    cursor.skipSpace()
    let start = cursor
    var images = 0
    if cursor.peek() == 0x7B {
      _ = try readValue(name, &cursor, input, request)
      images = 1
    } else if cursor.take(0x5B) {
      cursor.skipSpace()
      if cursor.peek() == 0x7B {
        repeat {
          cursor.skipSpace()
          guard cursor.peek() == 0x7B else {
            throw cursor.error(
              "expected {\"b64\": ...} at \(name)[\(images)], found \(cursor.found)"
            )
          }
          guard images < collector.rowsPerRequest else {
            throw ServiceError(
              .contentTooLarge,
              "\(name) has more than \(collector.rowsPerRequest) rows, which is the limit"
            )
          }
          _ = try readValue("\(name)[\(images)]", &cursor, input, request)
          images += 1
        } while cursor.take(0x2C)
        try cursor.expect(0x5D, "or ',' after \(name)[\(images - 1)]")
      }
    }
    if images > 0 {
      request.inputs[input].shape = StagedShape(
        [images] + (try collector.knownRowShape(input)).dimensions
      )
      return
    }
    cursor = start
    request.inputs[input].shape = try JSONTensorReader(name: name).read(
      &cursor,
      into: request.inputs[input]
    )
  }

  // MARK: - Binary values

  /// Reads `{"b64": "..."}` at the cursor; leaves the cursor and answers nil where something else stands.
  private func binaryValue(_ cursor: inout JSONCursor) throws(JSONError) -> [UInt8]? {
    // An input of that name would make the object a row.
    inputIndex("b64") == nil ? try cursor.binaryObject() : nil
  }
}

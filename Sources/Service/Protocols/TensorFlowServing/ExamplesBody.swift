import HTTP
import Tensors

/// Reads the JSON body of `:classify` and `:regress`: `{"examples": [{feature: value or list, ...}, ...]}`.
///
/// Features are the model's inputs; the values of one are taken in row-major order, however they are nested.
struct ExamplesBody {
  let collector: RowCollector

  private var signature: ModelSignature { collector.signature }

  /// Reads the body into `request`.
  ///
  /// - Throws: `ServiceError` that says where the text, a name or a size is wrong.
  func read(_ body: UnsafeRawBufferPointer, into request: PendingPrediction) throws {
    do {
      var cursor = JSONCursor(body)
      var members = BodyMembers()
      var hasExamples = false
      try members.read(&cursor) { name, cursor in
        switch name {
        case "examples":
          hasExamples = true
          try readExamples(&cursor, request)
        case "context":
          throw cursor.error("'context' is not supported: write its features into every example")
        default: return false
        }
        return true
      }
      guard hasExamples else {
        throw ServiceError.invalid(
          "Missing 'examples' key: send {\"examples\": [{\"\(signature.inputs[0].name)\": [values]}]}\(members.namesText)"
        )
      }
      try collector.finish(request)
    } catch let error as JSONError {
      throw ServiceError.invalid("JSON parse error: \(error.message(in: body))")
    }
  }

  private func readExamples(_ cursor: inout JSONCursor, _ request: PendingPrediction) throws {
    guard signature.batching != .none else {
      throw ServiceError.invalid(
        "the first dimension of this model does not count rows: use :predict"
      )
    }
    guard cursor.take(0x5B) else {
      throw cursor.error("'examples' must be a list of objects, found \(cursor.found)")
    }
    cursor.skipSpace()
    if cursor.peek() == 0x5D { throw cursor.error("'examples' is empty: send at least one") }
    let rowShapes = try signature.inputs.indices.map { try collector.knownRowShape($0) }
    var rows = 0
    repeat {
      guard rows < collector.rowsPerRequest else {
        throw ServiceError(
          .contentTooLarge,
          "'examples' has more than \(collector.rowsPerRequest) rows, which is the limit"
        )
      }
      try readExample("examples[\(rows)]", &cursor, request, rowShapes)
      rows += 1
    } while cursor.take(0x2C)
    try cursor.expect(0x5D, "or ',' after examples[\(rows - 1)]")
    for (staging, shape) in zip(request.inputs, rowShapes) {
      staging.shape = StagedShape([rows] + shape.dimensions)
    }
  }

  private func readExample(
    _ name: String,
    _ cursor: inout JSONCursor,
    _ request: PendingPrediction,
    _ rowShapes: [StagedShape]
  ) throws {
    cursor.skipSpace()
    guard cursor.peek() == 0x7B else {
      throw cursor.error("\(name) must be an object of features, found \(cursor.found)")
    }
    let start = cursor
    var members = BodyMembers(object: name, reservesSignatureName: false)
    var seen = Array(repeating: false, count: request.inputs.count)
    try members.readObject(&cursor) { feature, cursor in
      guard
        let index = signature.inputs.firstIndex(where: { $0.name.utf8.elementsEqual(feature.utf8) })
      else { return false }
      seen[index] = true
      let before = request.inputs[index].elementCount
      let valueStart = cursor.offset
      _ = try JSONTensorReader(name: "\(name).\(feature)").read(
        &cursor,
        into: request.inputs[index]
      )
      let count = request.inputs[index].elementCount - before
      let expected = rowShapes[index].dimensions.reduce(1, *)
      guard count == expected else {
        throw JSONError(
          offset: valueStart,
          reason:
            "\(name).\(feature): expected \(expected) values for shape \(signature.inputs[index].shapeText), got \(count)"
        )
      }
      return true
    }
    if let missing = seen.firstIndex(of: false) {
      throw start.error(
        "\(name) lacks the feature '\(signature.inputs[missing].name)'\(members.namesText)"
      )
    }
  }
}

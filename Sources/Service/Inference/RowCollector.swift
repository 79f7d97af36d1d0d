import Datasets
import HTTP
import Tensors

/// Puts the values of a request into its staging buffers and checks their shapes against the signature.
struct RowCollector {
  let signature: ModelSignature
  let images: ImageInput?
  let rowsPerRequest: Int
  /// Pixels of the largest image that is decoded on an event loop.
  let inlineImagePixels: Int
  /// The numbers that the input of a model of numbered states may have; nil for all other models.
  let states: ClosedRange<Int64>?

  /// Thrown on an event loop by a request whose reading would hold it up: it is read again elsewhere.
  struct ReadsSlowly: Error {}

  /// Appends one image as a row of the image input.
  func appendImage(
    _ bytes: UnsafeRawBufferPointer,
    called name: String,
    to request: PendingPrediction
  ) throws {
    guard let images else {
      throw ServiceError.invalid(
        "\(name) is an image, but the model takes numbers: its model.json has no image preprocessing"
      )
    }
    guard request.mayReadSlowly || ImageDecoder.pixelCount(bytes) <= inlineImagePixels else {
      throw ReadsSlowly()
    }
    let staging = request.inputs[images.input]
    let row: [Float]
    do {
      row = try images.decode(bytes)
    } catch {
      throw ServiceError.invalid("\(name): \(error)")
    }
    guard staging.dtype == .float32 else {
      throw ServiceError.invalid("\(name): images are float32, the input is \(staging.dtype)")
    }
    row.withUnsafeBytes { staging.append($0) }
  }

  /// The shape of a row of the input, whose sizes must all be known.
  func knownRowShape(_ input: Int) throws -> StagedShape {
    let field = signature.inputs[input]
    guard let sizes = field.sizes?.dropFirst(), !sizes.contains(nil) else {
      throw ServiceError.invalid(
        "input '\(field.name)' has shape \(field.shapeText): an image has no place there"
      )
    }
    return StagedShape(sizes.compactMap { $0 })
  }

  /// Checks every input's shape and counts the rows.
  ///
  /// - Throws: `ServiceError` with the field, the expected and the given shape.
  func finish(_ request: PendingPrediction) throws {
    var rows = 1
    for (index, staging) in request.inputs.enumerated() {
      try check(staging.shape, of: signature.inputs[index])
      if signature.batching == .none { continue }
      let count = staging.shape[0]
      if index > 0, count != rows {
        throw ServiceError.invalid(
          "input '\(signature.inputs[index].name)' has \(count) rows, '\(signature.inputs[0].name)' has \(rows)"
        )
      }
      rows = count
    }
    guard rows > 0 else { throw ServiceError.invalid("the batch is empty: send at least one row") }
    guard rows <= rowsPerRequest else {
      throw ServiceError(
        .contentTooLarge,
        "the request has \(rows) rows, at most \(rowsPerRequest) are accepted"
      )
    }
    if let states, let input = request.inputs.first, input.dtype == .int64 {
      // What a graph looks up must be there: else the run fails, and with it all other requests of the batch.
      for (row, number) in input.bytes.bindMemory(to: Int64.self).enumerated()
      where !states.contains(number) {
        throw ServiceError.invalid(
          "instances[\(row)] is state \(number), expected \(states.lowerBound) to \(states.upperBound)"
        )
      }
    }
    request.rowCount = rows
  }

  private func check(_ shape: StagedShape, of field: ModelSignature.Field) throws {
    guard let sizes = field.sizes else { return }
    var agrees = shape.rank == sizes.count
    if agrees {
      // The number of rows is checked later where rows can be counted.
      let first = signature.batching == .none ? 0 : 1
      for index in min(first, shape.rank)..<shape.rank {
        if let size = sizes[index], size != shape[index] { agrees = false }
      }
    }
    guard agrees else {
      let got = shape.dimensions.map(String.init).joined(separator: ",")
      throw ServiceError.invalid(
        "input '\(field.name)': expected shape \(field.shapeText), got [\(got)]"
      )
    }
  }
}

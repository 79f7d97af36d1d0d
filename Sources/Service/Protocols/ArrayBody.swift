import HTTP
import Tensors

/// Reads an `.npy` body: a batch of rows, or one row without the batch dimension.
struct ArrayBody {
  let collector: RowCollector

  /// Reads the body into `request`.
  ///
  /// - Throws: `ServiceError` for a malformed file or one that does not fit the input.
  func read(_ body: UnsafeRawBufferPointer, into request: PendingPrediction) throws {
    guard request.inputs.count == 1 else {
      throw ServiceError.invalid(
        "the model has \(request.inputs.count) inputs and .npy holds one array: send JSON"
      )
    }
    let tensor: Tensor
    do {
      tensor = try NPY.read(ArraySlice(body))
    } catch {
      throw ServiceError.invalid("\(error)")
    }
    let field = collector.signature.inputs[0]
    let staging = request.inputs[0]
    try append(tensor, to: staging, field)
    var dimensions = tensor.shape.dimensions
    if collector.signature.batching != .none, let rank = field.sizes?.count,
      dimensions.count == rank - 1
    {
      dimensions.insert(1, at: 0)
    }
    staging.shape = StagedShape(dimensions)
    try collector.finish(request)
  }

  private func append(
    _ tensor: Tensor,
    to staging: TensorStaging,
    _ field: ModelSignature.Field
  ) throws {
    if tensor.dtype == staging.dtype {
      tensor.withBytes { staging.append($0) }
      return
    }
    // NumPy's default element is float64: taken where the model wants float32.
    guard staging.dtype == .float32, tensor.dtype == .float64 else {
      throw ServiceError.invalid(
        "input '\(field.name)': expected \(field.dtype)\(field.shapeText), got \(tensor.dtype)\(tensor.shape)"
      )
    }
    let values = tensor.elements(of: Double.self).map(Float.init)
    values.withUnsafeBytes { staging.append($0) }
  }
}

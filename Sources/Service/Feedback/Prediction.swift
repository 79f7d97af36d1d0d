import Tensors

/// What a model said of one row, or what is true of it.
enum Prediction: Equatable, Sendable {
  /// The name of a class.
  case label(String)
  /// Numbers.
  case values([Float])

  /// The most numbers that are kept of a row.
  static let valueCountMax = 4096

  /// Reads what the model says of a row.
  ///
  /// - Parameters:
  ///   - outputs: What the model answered to the rows of a request.
  ///   - row: The row's position among them.
  ///   - targets: What the model answers, as `ExampleSchema` has it.
  /// - Throws: `ServiceError` where the output is not as `targets` says.
  init(
    _ outputs: PredictionOutputs,
    row: Int,
    _ targets: ExampleSchema.Targets
  ) throws(ServiceError) {
    let output = outputs.signature.scoredOutput ?? 0
    let bytes = outputs.row(row, of: output)
    guard outputs.dtype(output) == .float32 else {
      throw .invalid(
        "ids need float32 outputs; '\(outputs.signature.outputs[output].name)' is \(outputs.dtype(output))"
      )
    }
    let count = bytes.count / MemoryLayout<Float>.stride
    if case .classes(let labels) = targets, labels.count == count, count > 0 {
      self = .label(labels[outputs.largest(of: output, row: row, count: count)])
      return
    }
    guard case .values = targets, count <= Self.valueCountMax else {
      throw .invalid(
        "ids need a class or at most \(Self.valueCountMax) numbers a row; the model answers \(count)"
      )
    }
    self = .values(
      (0..<count).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    )
  }

  /// Bytes that it takes in memory.
  var byteCount: Int {
    switch self {
    case .label(let name): name.utf8.count
    case .values(let values): values.count * MemoryLayout<Float>.stride
    }
  }
}

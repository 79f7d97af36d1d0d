internal import Glibc
import HTTP
import Tensors

/// Runs requests together: copies their rows behind each other, runs the model once, and gives every
/// request its rows of the outputs.
///
/// `@unchecked Sendable`: the lane keeps it behind a mutex, and the model is nobody else's.
final class BatchRunner: @unchecked Sendable {
  let model: any InferenceModel
  private let signature: ModelSignature
  private let rowsMax: Int
  /// Prepared runs by number of rows, where that number is all that may vary.
  private var preparedByRows: [(any PreparedInference)?]
  private let hasKnownRows: Bool
  /// Whether the last run had to prepare something first: then its time says little.
  private(set) var hasPrepared = false
  /// The outputs of the run, kept to save allocating.
  private var outputs: [PredictionOutputs.Output] = []

  init(_ model: any InferenceModel, rowsPerBatch: Int) {
    self.model = model
    signature = model.signature
    hasKnownRows = signature.hasKnownRows
    rowsMax = if case .fixed(let rows) = signature.batching { rows } else { rowsPerBatch }
    preparedByRows = Array(repeating: nil, count: hasKnownRows ? rowsPerBatch + 1 : 0)
  }

  /// How many of the first `requests` may run together, at least one where there is one.
  static func batchLength(
    _ requests: ArraySlice<PendingPrediction>,
    _ signature: ModelSignature,
    rowsPerBatch: Int
  ) -> Int {
    guard let first = requests.first, case .anyCount = signature.batching else {
      return min(1, requests.count)
    }
    var rows = first.rowCount
    var length = 1
    for request in requests.dropFirst() {
      rows += request.rowCount
      guard rows <= rowsPerBatch, signature.hasKnownRows || first.fits(request) else { break }
      length += 1
    }
    return length
  }

  /// Runs `requests` (as many as `batchLength` allows) and answers each.
  func run(_ requests: ArraySlice<PendingPrediction>) {
    hasPrepared = false
    do {
      try answer(requests)
    } catch let error as ServiceError {
      for request in requests { request.reply?.fail(error) }
    } catch {
      let failure = ServiceError(.internalServerError, "the model failed: \(error)")
      for request in requests { request.reply?.fail(failure) }
    }
  }

  private func answer(_ requests: ArraySlice<PendingPrediction>) throws {
    guard let first = requests.first else { return }
    if case .none = signature.batching { return try runAlone(first) }
    let rows = requests.reduce(0) { $0 + $1.rowCount }
    if rows > rowsMax || rowsMax > rows && isFixed { return try runInParts(first) }
    let prepared = try prepare(rows: rows, like: first)
    var row = 0
    for request in requests {
      for (index, staging) in request.inputs.enumerated() {
        try copy(staging.bytes, to: prepared.input(index), atRow: row, of: rows)
      }
      row += request.rowCount
    }
    try prepared.execute()
    try readOutputs(prepared, rows: rows)
    row = 0
    for request in requests {
      request.reply?.finish(
        PredictionOutputs(signature, outputs, firstRow: row, rowCount: request.rowCount)
      )
      row += request.rowCount
    }
  }

  private var isFixed: Bool { if case .fixed = signature.batching { true } else { false } }

  /// Runs one request whose rows are not rows: as it is.
  private func runAlone(_ request: PendingPrediction) throws {
    let shapes = try request.inputs.map { try Shape(validating: $0.shape.dimensions) }
    let prepared = try model.prepare(shapes)
    for (index, staging) in request.inputs.enumerated() {
      try copy(staging.bytes, to: prepared.input(index), atRow: 0, of: 1)
    }
    try prepared.execute()
    try readOutputs(prepared, rows: nil)
    request.reply?.finish(PredictionOutputs(signature, outputs))
  }

  /// Runs one request that has more rows than a run, part by part.
  private func runInParts(_ request: PendingPrediction) throws {
    guard !isFixed || request.rowCount % rowsMax == 0 else {
      throw ServiceError.invalid(
        "the model takes \(rowsMax) rows at a time, expected a multiple of that, got \(request.rowCount)"
      )
    }
    let collected = signature.outputs.map { TensorStaging($0.dtype) }
    var rowShapes: [ArraySlice<Int>] = []
    var row = 0
    while row < request.rowCount {
      let rows = min(rowsMax, request.rowCount - row)
      let prepared = try prepare(rows: rows, like: request)
      for (index, staging) in request.inputs.enumerated() {
        let width = staging.bytes.count / request.rowCount
        let part = staging.bytes[(row * width)..<((row + rows) * width)]
        try copy(
          UnsafeRawBufferPointer(rebasing: part),
          to: prepared.input(index),
          atRow: 0,
          of: rows
        )
      }
      try prepared.execute()
      try readOutputs(prepared, rows: rows)
      let shapes = outputs.map { $0.shape.dropFirst() }
      guard row == 0 || shapes == rowShapes else {
        throw ServiceError(.internalServerError, "the outputs of two parts differ in shape")
      }
      rowShapes = shapes
      for (staging, output) in zip(collected, outputs) { staging.append(output.bytes) }
      row += rows
    }
    let whole = zip(collected, rowShapes).map {
      PredictionOutputs.Output($0.bytes, $0.dtype, [request.rowCount] + $1)
    }
    request.reply?.finish(PredictionOutputs(signature, whole, rowCount: request.rowCount))
    withExtendedLifetime(collected) {}
  }

  private func prepare(rows: Int, like request: PendingPrediction) throws -> any PreparedInference {
    // A fixed number of rows is the only one: it has the first place.
    let place = isFixed ? 0 : rows
    if hasKnownRows, let prepared = preparedByRows[place] { return prepared }
    let shapes = try request.inputs.map { staging in
      var dimensions = staging.shape.dimensions
      dimensions[0] = rows
      return try Shape(validating: dimensions)
    }
    let prepared = try model.prepare(shapes)
    if hasKnownRows {
      preparedByRows[place] = prepared
      hasPrepared = true
    }
    return prepared
  }

  /// Copies rows into the input of a run that has `rows` of them.
  private func copy(
    _ source: UnsafeRawBufferPointer,
    to target: UnsafeMutableRawBufferPointer,
    atRow row: Int,
    of rows: Int
  ) throws {
    // Empty where no output needs that input.
    if target.isEmpty { return }
    let start = target.count / max(rows, 1) * row
    guard source.count <= target.count - start else {
      throw ServiceError(
        .internalServerError,
        "an input of \(target.count) bytes, \(source.count) to write"
      )
    }
    if let from = source.baseAddress, let to = target.baseAddress {
      memcpy(to + start, from, source.count)
    }
  }

  private func readOutputs(_ prepared: any PreparedInference, rows: Int?) throws {
    outputs.removeAll(keepingCapacity: true)
    for (index, shape) in prepared.outputShapes.enumerated() {
      let field = signature.outputs[index]
      guard rows == nil || shape.dimensions.first == rows else {
        throw ServiceError(
          .internalServerError,
          "output \(field.name) has shape \(shape), expected \(rows ?? 0) rows"
        )
      }
      outputs.append(
        PredictionOutputs.Output(prepared.output(index), field.dtype, shape.dimensions)
      )
    }
  }
}

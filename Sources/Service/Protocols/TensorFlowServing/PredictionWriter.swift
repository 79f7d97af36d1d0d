import HTTP
import Tensors

/// Writes the answer of one model in one layout.
///
/// Names and labels are rendered once.
final class PredictionWriter: ReplyWriter {
  /// What the answer looks like.
  enum Layout: Sendable {
    /// `{"predictions": [row, ...]}`.
    case rows
    /// `{"outputs": columns}`.
    case columns
    /// `{"results": [[[label, score], ...], ...]}`.
    case classes
    /// `{"results": [value, ...]}`.
    case values
  }

  private let layout: Layout
  private let signature: ModelSignature
  /// `"name":` for each output.
  private let keys: [[UInt8]]
  /// Each label as a JSON string.
  private let labels: [[UInt8]]

  let headers: ResponseHeaders

  init(_ signature: ModelSignature, _ layout: Layout, headers: ResponseHeaders = .none) {
    self.signature = signature
    self.layout = layout
    self.headers = headers
    keys = signature.outputs.map { Self.jsonString($0.name) + [0x3A] }
    labels = (signature.labels ?? []).map(Self.jsonString)
  }

  private static func jsonString(_ text: String) -> [UInt8] {
    var buffer = ByteBuffer()
    buffer.append(jsonString: text)
    return [UInt8](buffer.readable)
  }

  func write(_ outputs: PredictionOutputs, to buffer: inout ByteBuffer) throws(ServiceError) {
    try write(outputs, to: &buffer, ids: [])
  }

  /// Writes the whole body; each layout leaves the last brace to `write`.
  ///
  /// - Parameters:
  ///   - outputs: What the model answered.
  ///   - buffer: Where the body goes.
  ///   - ids: One for each row, written as `ids`; empty for none.
  /// - Throws: `ServiceError` where the outputs do not have the shape that the layout needs.
  func write(
    _ outputs: PredictionOutputs,
    to buffer: inout ByteBuffer,
    ids: [PredictionID]
  ) throws(ServiceError) {
    switch layout {
    case .rows: try writeRows(outputs, &buffer)
    case .columns: try writeColumns(outputs, &buffer)
    case .classes: try writeClasses(outputs, &buffer)
    case .values: try writeValues(outputs, &buffer)
    }
    if !ids.isEmpty { append(ids, to: &buffer) }
    buffer.append(0x7D)
  }

  private func append(_ ids: [PredictionID], to buffer: inout ByteBuffer) {
    buffer.append(",\"ids\":[" as StaticString)
    for (index, id) in ids.enumerated() {
      if index > 0 { buffer.append(0x2C) }
      buffer.append(0x22)
      buffer.append(id.description)
      buffer.append(0x22)
    }
    buffer.append(0x5D)
  }

  // MARK: - Predict

  private func writeRows(
    _ outputs: PredictionOutputs,
    _ buffer: inout ByteBuffer
  ) throws(ServiceError) {
    let scored = try scoredOutput(outputs)
    buffer.append("{\"predictions\":[" as StaticString)
    for row in 0..<(outputs.rowCount ?? 0) {
      if row > 0 { buffer.append(0x2C) }
      let isBare = outputs.count == 1 && scored == nil
      if !isBare { buffer.append(0x7B) }
      for index in 0..<outputs.count {
        if index > 0 { buffer.append(0x2C) }
        if !isBare { buffer.append(keys[index]) }
        let bytes = outputs.row(row, of: index)
        let dtype = outputs.dtype(index)
        if let length = outputs.rowLength(index) {
          // Nearly every row: without slices of shapes.
          buffer.append(jsonVector: bytes, dtype, count: length)
        } else {
          buffer.append(jsonTensor: bytes, dtype, outputs.rowShape(index))
        }
      }
      if let scored, signature.isMultiLabel {
        buffer.append(",\"labels\":" as StaticString)
        writeLikely(outputs, row, scored, &buffer)
      } else if let scored {
        let best = best(outputs, row, scored)
        buffer.append(",\"label\":" as StaticString)
        buffer.append(labels[best.index])
        buffer.append(",\"score\":" as StaticString)
        buffer.append(jsonNumber: best.score)
      }
      if !isBare { buffer.append(0x7D) }
    }
    buffer.append(0x5D)
  }

  private func writeColumns(
    _ outputs: PredictionOutputs,
    _ buffer: inout ByteBuffer
  ) throws(ServiceError) {
    let scored = try scoredOutput(outputs)
    buffer.append("{\"outputs\":" as StaticString)
    let isBare = outputs.count == 1 && scored == nil
    if !isBare { buffer.append(0x7B) }
    for index in 0..<outputs.count {
      if index > 0 { buffer.append(0x2C) }
      if !isBare { buffer.append(keys[index]) }
      let shape = outputs.rowShape(index)
      let whole = outputs.rowCount.map { [$0] + shape } ?? Array(shape)
      buffer.append(jsonTensor: outputs.bytes(index), outputs.dtype(index), whole[...])
    }
    if let scored, let rows = outputs.rowCount, signature.isMultiLabel {
      buffer.append(",\"labels\":[" as StaticString)
      for row in 0..<rows {
        if row > 0 { buffer.append(0x2C) }
        writeLikely(outputs, row, scored, &buffer)
      }
      buffer.append(0x5D)
    } else if let scored, let rows = outputs.rowCount {
      buffer.append(",\"label\":[" as StaticString)
      for row in 0..<rows {
        if row > 0 { buffer.append(0x2C) }
        buffer.append(labels[best(outputs, row, scored).index])
      }
      buffer.append("],\"score\":[" as StaticString)
      for row in 0..<rows {
        if row > 0 { buffer.append(0x2C) }
        buffer.append(jsonNumber: best(outputs, row, scored).score)
      }
      buffer.append(0x5D)
    }
    if !isBare { buffer.append(0x7D) }
  }

  // MARK: - Classify and regress

  private func writeClasses(
    _ outputs: PredictionOutputs,
    _ buffer: inout ByteBuffer
  ) throws(ServiceError) {
    guard let scored = try scoredOutput(outputs), let rows = outputs.rowCount else {
      throw .invalid("the model is no classifier: its model.json names no labels; use :predict")
    }
    buffer.append("{\"results\":[" as StaticString)
    for row in 0..<rows {
      if row > 0 { buffer.append(0x2C) }
      buffer.append(0x5B)
      withProbabilities(outputs, row, scored) { probabilities in
        for (index, score) in probabilities.enumerated() {
          if index > 0 { buffer.append(0x2C) }
          buffer.append(0x5B)
          buffer.append(labels[index])
          buffer.append(0x2C)
          buffer.append(jsonNumber: score)
          buffer.append(0x5D)
        }
      }
      buffer.append(0x5D)
    }
    buffer.append(0x5D)
  }

  private func writeValues(
    _ outputs: PredictionOutputs,
    _ buffer: inout ByteBuffer
  ) throws(ServiceError) {
    guard let rows = outputs.rowCount, outputs.count == 1,
      outputs.rowShape(0).allSatisfy({ $0 == 1 })
    else {
      throw .invalid("the model gives more than one number a row: use :predict")
    }
    buffer.append("{\"results\":" as StaticString)
    buffer.append(jsonTensor: outputs.bytes(0), outputs.dtype(0), [rows])
  }

  // MARK: - Scores

  /// The output that scores the labels, nil for models without; checks that it is one vector of them a row.
  private func scoredOutput(_ outputs: PredictionOutputs) throws(ServiceError) -> Int? {
    guard let scored = signature.scoredOutput, outputs.rowCount != nil else { return nil }
    let shape = outputs.rowShape(scored)
    guard outputs.dtype(scored) == .float32, shape.count == 1, shape.first == labels.count,
      !labels.isEmpty
    else {
      throw ServiceError(
        .internalServerError,
        "output '\(signature.outputs[scored].name)' gives \(outputs.dtype(scored))\(Array(shape)) a row, expected float32[\(labels.count)], as many as model.json has labels"
      )
    }
    return scored
  }

  /// The best class of a row, the first of equals, and its probability.
  private func best(
    _ outputs: PredictionOutputs,
    _ row: Int,
    _ scored: Int
  ) -> (index: Int, score: Float) {
    let best = outputs.largest(of: scored, row: row, count: labels.count)
    if signature.roles[scored] == .probabilities {
      let score = outputs.row(row, of: scored).loadUnaligned(
        fromByteOffset: best * 4,
        as: Float.self
      )
      return (best, score)
    }
    return withProbabilities(outputs, row, scored) { (best, $0[best]) }
  }

  /// Writes the labels of a row that apply more likely than not.
  private func writeLikely(
    _ outputs: PredictionOutputs,
    _ row: Int,
    _ scored: Int,
    _ buffer: inout ByteBuffer
  ) {
    buffer.append(0x5B)
    withProbabilities(outputs, row, scored) { probabilities in
      var isFirst = true
      for (index, probability) in probabilities.enumerated() where probability >= 0.5 {
        if !isFirst { buffer.append(0x2C) }
        isFirst = false
        buffer.append(labels[index])
      }
    }
    buffer.append(0x5D)
  }

  /// Calls `body` with the probability of each class: the output's, or that of logits, by softmax or, where several labels may apply,
  /// by sigmoid.
  private func withProbabilities<Result>(
    _ outputs: PredictionOutputs,
    _ row: Int,
    _ scored: Int,
    _ body: (UnsafeMutableBufferPointer<Float>) -> Result
  ) -> Result {
    let bytes = outputs.row(row, of: scored)
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: labels.count) { scores in
      for index in scores.indices {
        scores[index] = bytes.loadUnaligned(fromByteOffset: index * 4, as: Float.self)
      }
      if signature.roles[scored] == .logits {
        if signature.isMultiLabel { Sigmoid.apply(to: scores) } else { Softmax.apply(to: scores) }
      }
      return body(scores)
    }
  }
}

import CKernels
import GraphIR
import Tensors

extension Lowerings {
  static let losses: [OperatorName: Lowering] = [
    "SoftmaxCrossEntropyLoss": { try crossEntropy($0) },
    .martlet("SoftmaxCrossEntropyLossGradient"): { try crossEntropyGradient($0) },
  ]

  private enum Reduction: String { case none, mean, sum }

  /// Row-wise cross-entropy of [N, C] scores with int64 labels, without class weights.
  private static func crossEntropy(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0), context.shape(0).rank == 2, context.dtype(1) == .int64,
      !context.hasInput(2), context.node.attributes["ignore_index"] == nil,
      let reduction = Reduction(rawValue: try context.node.string("reduction", default: "mean"))
    else { return nil }
    let (rows, columns) = (context.shape(0)[0], context.shape(0)[1])
    let labels = context.raw(1).assumingMemoryBound(to: Int64.self)
    let logits = context.floats(0)
    let output = context.hasOutput(0) ? context.outputFloats(0) : nil
    let each = reduction == .none ? output : context.scratch(floatCount: rows)
    let logProbabilities = context.hasOutput(1) ? context.outputFloats(1) : nil
    let pool = context.pool
    let node = context.node
    let (n, c) = (Int64(rows), Int64(columns))
    return {
      try check(labels, rows, columns, node)
      if let logProbabilities { ck_f32_log_softmax(n, c, logits, logProbabilities, pool) }
      guard let each, let output else { return }
      ck_f32_sparse_cross_entropy(n, c, logits, labels, each, pool)
      switch reduction {
      case .none: break
      case .sum: ck_f32_reduce(CK_REDUCE_SUM, 1, n, 1, each, output, pool)
      case .mean: ck_f32_reduce(CK_REDUCE_MEAN, 1, n, 1, each, output, pool)
      }
    }
  }

  /// `dscores = dy * (exp(log_prob) - onehot(label))`, divided by N for the mean.
  private static func crossEntropyGradient(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0, 1), context.shape(1).rank == 2, context.dtype(2) == .int64,
      !context.hasInput(3), context.node.attributes["ignore_index"] == nil,
      let reduction = Reduction(rawValue: try context.node.string("reduction", default: "mean"))
    else { return nil }
    let (rows, columns) = (context.shape(1)[0], context.shape(1)[1])
    let labels = context.raw(2).assumingMemoryBound(to: Int64.self)
    let (dy, logProbabilities, dx, pool) = (
      context.floats(0), context.floats(1), context.outputFloats(), context.pool
    )
    let each = context.scratch(floatCount: max(rows, 1))
    let node = context.node
    return {
      try check(labels, rows, columns, node)
      switch reduction {
      case .none: each.update(from: dy, count: rows)
      case .sum: each.update(repeating: dy[0], count: rows)
      case .mean: each.update(repeating: dy[0] / Float(rows), count: rows)
      }
      // Softmax of log-probabilities is their exponential: the rows are normalised already.
      ck_f32_sparse_cross_entropy_gradient(
        Int64(rows),
        Int64(columns),
        logProbabilities,
        labels,
        each,
        dx,
        pool
      )
    }
  }

  private static func check(
    _ labels: UnsafeMutablePointer<Int64>,
    _ rows: Int,
    _ columns: Int,
    _ node: Node
  ) throws {
    for row in 0..<rows where labels[row] < 0 || labels[row] >= Int64(columns) {
      throw GraphError.operands(
        node: node.name,
        op: node.op,
        detail: "label \(labels[row]) of row \(row) is outside of 0..<\(columns)"
      )
    }
  }
}

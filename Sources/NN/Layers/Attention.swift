package import GraphIR

/// Attention: for each query a mean of values, weighted by how well the query fits their keys.
///
/// queries [N, Q, A], keys [N, S, B], values [N, S, V] (the keys where left out), mask [N, S] (1 where a source step counts, 0 for padding):
///
///     weights = softmax over s of score(query, key[s])      context = sum over s of weights[s] values[s]
///
/// Masked steps get weight 0 exactly; a query whose every step is masked gets weights 0 and the context 0.
package struct Attention: Sendable {
  package enum Score: Sendable, Hashable {
    /// q k; A = B (Luong, Pham, Manning 2015).
    case dot
    /// q k / sqrt(A); A = B (Vaswani and others 2017).
    case scaledDot
    /// q W k with `general/weight` [A, B] (Luong's general score).
    case general
    /// v tanh(q Wq + k Wk) with `query/weight` [A, units], `key/weight` [B, units] and `score/weight` [units, 1] (Bahdanau, Cho,
    /// Bengio 2015).
    case additive(units: Int)
  }

  /// What a masked score is replaced by: exp of it is 0 beside any other score, and no infinity makes NaN.
  static let maskedScore: Float = -1e9

  package var name: String
  package var score: Score

  package init(_ name: String, _ score: Score) {
    self.name = name
    self.score = score
  }

  /// Adds the layer.
  ///
  /// - Returns: context [N, Q, V] and weights [N, Q, S].
  /// - Throws: `GraphError` where a last dimension is not known or operands do not fit.
  package func callAsFunction(
    queries: ValueID,
    keys: ValueID,
    values: ValueID? = nil,
    mask: ValueID? = nil,
    in context: inout LayerContext
  ) throws(GraphError) -> (context: ValueID, weights: ValueID) {
    try context.scoped(name) { (context: inout LayerContext) throws(GraphError) in
      var scores = try self.scores(queries, keys, in: &context)
      var weights: ValueID
      if let mask {
        let row = try context.apply("Unsqueeze", mask, context.vector([1]))
        let counts = try context.apply("Greater", row, context.scalar(0))
        scores = try context.apply(
          "Where",
          counts,
          scores,
          context.scalar(Self.maskedScore)
        )
        weights = try Activation.softmax(scores, in: &context)
        // Where all are masked the softmax is uniform; this makes it 0.
        weights = try context.apply("Mul", weights, context.floats(counts))
      } else {
        weights = try Activation.softmax(scores, in: &context)
      }
      return (try context.apply("MatMul", weights, values ?? keys), weights)
    }
  }

  /// [N, Q, S].
  private func scores(
    _ queries: ValueID,
    _ keys: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    switch score {
    case .dot:
      return try product(queries, keys, in: &context)
    case .scaledDot:
      let size = try context.size(of: queries, axis: 2, for: "scores")
      let scale = try context.scalar(1 / Float(size).squareRoot())
      return try product(context.apply("Mul", queries, scale), keys, in: &context)
    case .general:
      let size = try context.size(of: keys, axis: 2, for: "weight")
      let projected = try Dense("general", size, hasBias: false)(queries, in: &context)
      return try product(projected, keys, in: &context)
    case .additive(let units):
      let query = try Dense("query", units, hasBias: false)(queries, in: &context)
      let key = try Dense("key", units, hasBias: false)(keys, in: &context)
      // [N, Q, 1, units] + [N, 1, S, units].
      let sum = try context.apply(
        "Add",
        context.apply("Unsqueeze", query, context.vector([2])),
        context.apply("Unsqueeze", key, context.vector([1]))
      )
      let fit = try context.apply("Tanh", sum)
      let score = try Dense("score", 1, hasBias: false)(fit, in: &context)
      return try context.apply("Squeeze", score, context.vector([3]))
    }
  }

  /// Every query with every key.
  private func product(
    _ queries: ValueID,
    _ keys: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let columns = try context.apply("Transpose", keys, attributes: ["perm": .ints([0, 2, 1])])
    return try context.apply("MatMul", queries, columns)
  }
}

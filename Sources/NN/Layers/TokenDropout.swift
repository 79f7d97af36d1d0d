package import GraphIR

/// Word dropout: in training, each token becomes another one, as the unknown one, with probability `rate` (Iyyer and others 2015,
/// Gal & Ghahramani 2016).
///
/// tokens int64 [N, T], kept in shape. So a network learns what to do with words that it has never seen, and not to rely on single
/// ones. An inference graph does not hold it at all.
package struct TokenDropout: Sendable, Hashable {
  package var rate: Float
  /// The token that stands for those left out.
  package var replacement: Int

  package init(_ rate: Float, replacement: Int) {
    self.rate = rate
    self.replacement = replacement
  }

  /// Adds the layer.
  ///
  /// - Throws: `GraphError.invalid` for a rate outside of [0, 1).
  package func callAsFunction(
    _ tokens: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    guard rate != 0, context.mode == .training else { return tokens }
    let ones = try context.apply(
      "Expand",
      context.scalar(1),
      context.apply("Shape", tokens)
    )
    // What dropout leaves is scaled, so it is above 0; the rest is 0.
    let isKept = try context.apply(
      "Greater",
      Dropout(rate)(ones, in: &context),
      context.scalar(0)
    )
    return try context.apply("Where", isKept, tokens, context.vector([replacement]))
  }
}

package import GraphIR

/// Everything but the batch in one dimension.
///
/// x [N, ...] to [N, product of the rest].
package struct Flatten: Sendable {
  package init() {}

  /// Adds the layer.
  package func callAsFunction(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try context.apply("Flatten", x, attributes: ["axis": .int(1)])
  }
}

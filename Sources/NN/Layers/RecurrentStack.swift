package import GraphIR

/// Recurrent layers on top of each other: the first reads x, each other the outputs of the one below.
///
/// x [N, T, I]; y [N, T, F] with F = 2 H where both directions are concatenated, else H. In training, dropout acts on what goes up from
/// layer to layer (not into the first, not out of the last), and `Recurrent.recurrentDropout` on each layer's R.
package struct RecurrentStack: Sendable {
  /// How the outputs of two directions become one.
  package enum Merge: Sendable, Hashable { case concatenate, sum }

  /// The layer that is repeated: `layer_0`, `layer_1` and so on in the scope of its name.
  package var layer: Recurrent
  package var depth: Int
  package var merge: Merge
  /// Between the layers.
  package var dropout: SequenceDropout

  package init(
    _ layer: Recurrent,
    depth: Int,
    merge: Merge = .concatenate,
    dropout: SequenceDropout = SequenceDropout(0)
  ) {
    self.layer = layer
    self.depth = depth
    self.merge = merge
    self.dropout = dropout
  }

  /// Adds the layers.
  ///
  /// - Parameters:
  ///   - x: [N, T, I].
  ///   - lengths: int32 [N]; all steps count when `nil`.
  ///   - initial: one state for each layer, from the bottom; zeros when `nil`.
  ///   - context: what the layers are added to.
  /// - Returns: the top layer's outputs, merged, and every layer's final state [N, D H], not merged.
  /// - Throws: `GraphError` where the depth is not positive, the number of states is another, or operands do not fit.
  package func callAsFunction(
    _ x: ValueID,
    lengths: ValueID? = nil,
    initial: [RecurrentState]? = nil,
    in context: inout LayerContext
  ) throws(GraphError) -> RecurrentOutput {
    guard depth > 0 else { throw .invalid("recurrent stack \(layer.name): depth \(depth)") }
    guard initial?.count ?? depth == depth else {
      throw .invalid(
        "recurrent stack \(layer.name): \(initial?.count ?? 0) initial states for \(depth) layers"
      )
    }
    return try context.scoped(layer.name) { (context: inout LayerContext) throws(GraphError) in
      var y = try context.swappingBatchAndSteps(x)
      var states: [RecurrentState] = []
      for index in 0..<depth {
        var level = layer
        level.name = "layer_\(index)"
        if index > 0 { y = try dropout(y, stepAxis: 0, in: &context) }
        let result = try level.overStepsFirst(
          y,
          lengths: lengths,
          initial: initial?[index],
          in: &context
        )
        y = try merged(result.y, in: &context)
        states.append(result.state)
      }
      return RecurrentOutput(steps: try context.swappingBatchAndSteps(y), states: states)
    }
  }

  /// [T, N, 2 H] to [T, N, H] where directions are summed.
  private func merged(
    _ y: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    guard merge == .sum, layer.direction.count == 2 else { return y }
    let outputs = try context.graph.apply(
      "Split",
      [y],
      ["axis": .int(2), "num_outputs": .int(2)],
      name: context.graph.freshName(context.scopedName("Split")),
      outputCount: 2
    ).compactMap { $0 }
    guard outputs.count == 2 else { throw .invalid("Split has \(outputs.count) outputs") }
    return try context.apply("Add", outputs[0], outputs[1])
  }
}

package import GraphIR
import Tensors

/// State of a recurrent network that goes on from one batch to the next, for truncated back-propagation through time.
///
/// It lives in a variable that is not trained: part of a checkpoint, like all variables. Gradients end at it. Row n belongs to stream n.
package struct CarriedState: Sendable {
  /// What the batch starts from, [N, H]: the state after the batch before it, or zeros for streams that begin anew.
  package let initial: ValueID
  private let variable: ValueID

  /// Adds the variable; `keep` is float32 [N], 1 for streams that go on and 0 for those that begin anew.
  ///
  /// - Throws: `GraphError` where the name is taken or `keep` has another shape.
  package init(
    _ name: String,
    streams: Int,
    size: Int,
    keep: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) {
    variable = try context.variable(name, [streams, size], .zeros, isTrainable: false)
    let column = try context.apply("Unsqueeze", keep, context.vector([1]))
    initial = try context.apply("Mul", variable, column)
  }

  /// Keeps the state after the batch, [N, H], for the next one.
  package func carry(_ final: ValueID, in context: inout LayerContext) throws(GraphError) {
    try context.update(variable, to: final)
  }
}

/// The carried states of every layer of a recurrent stack.
package struct CarriedStack: Sendable {
  /// One state for each layer, from the bottom, as `RecurrentStack` takes them.
  package let initial: [RecurrentState]
  private let hidden: [CarriedState]
  private let cells: [CarriedState]

  /// Adds variables `<stack>/layer_0/hidden_state`, `<stack>/layer_0/cell_state` (LSTM) and so on.
  ///
  /// `keep` is float32 [N], 1 for streams that go on and 0 for those that begin anew.
  ///
  /// - Throws: `GraphError` where names are taken or `keep` has another shape.
  package init(
    of stack: RecurrentStack,
    streams: Int,
    keep: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) {
    let size = stack.layer.direction.count * stack.layer.units
    func states(
      _ name: String,
      _ context: inout LayerContext
    ) throws(GraphError) -> [CarriedState] {
      var states: [CarriedState] = []
      for layer in 0..<stack.depth {
        states.append(
          try CarriedState(
            "\(stack.layer.name)/layer_\(layer)/\(name)",
            streams: streams,
            size: size,
            keep: keep,
            in: &context
          )
        )
      }
      return states
    }
    let hidden = try states("hidden_state", &context)
    let cells = stack.layer.cell == .lstm ? try states("cell_state", &context) : []
    self.hidden = hidden
    self.cells = cells
    initial = hidden.indices.map {
      RecurrentState(hidden: hidden[$0].initial, cell: cells.isEmpty ? nil : cells[$0].initial)
    }
  }

  /// Keeps the states after the batch, one for each layer, for the next one.
  package func carry(
    _ states: [RecurrentState],
    in context: inout LayerContext
  ) throws(GraphError) {
    for (layer, state) in zip(hidden, states) { try layer.carry(state.hidden, in: &context) }
    for (layer, state) in zip(cells, states) {
      if let cell = state.cell { try layer.carry(cell, in: &context) }
    }
  }
}

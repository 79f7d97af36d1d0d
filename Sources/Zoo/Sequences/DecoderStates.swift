package import GraphIR
package import NN
package import ONNXFormat
import Tensors

/// The states of a recurrent stack as inputs and outputs of a serving graph, batch first.
///
/// Layer l has `state_<l>_hidden` and, for LSTM, `state_<l>_cell`, [N, H]; the new ones have `_next` behind their names.
package struct DecoderStates: Sendable {
  /// What the stack starts from: placeholders.
  package let initial: [RecurrentState]

  /// Adds the placeholders for the layers of `stack`, which goes forward only.
  package init(of stack: RecurrentStack, in context: inout LayerContext) throws(GraphError) {
    var initial: [RecurrentState] = []
    let shape: PartialShape = [.symbol("N"), .known(stack.layer.units)]
    for layer in 0..<stack.depth {
      let hidden = try context.graph.placeholder(Self.name(layer, "hidden"), .float32, shape)
      var cell: ValueID?
      if stack.layer.cell == .lstm {
        cell = try context.graph.placeholder(Self.name(layer, "cell"), .float32, shape)
      }
      initial.append(RecurrentState(hidden: hidden, cell: cell))
    }
    self.initial = initial
  }

  /// Names the stack's last states; they are the graph's outputs behind the logits.
  package func give(
    _ last: [RecurrentState],
    in context: inout LayerContext
  ) throws(GraphError) -> [ValueID] {
    var outputs: [ValueID] = []
    for (layer, state) in last.enumerated() {
      try context.graph.rename(state.hidden, to: Self.name(layer, "hidden") + "_next")
      outputs.append(state.hidden)
      if let cell = state.cell {
        try context.graph.rename(cell, to: Self.name(layer, "cell") + "_next")
        outputs.append(cell)
      }
    }
    return outputs
  }

  /// What model.json says of the states of a stack.
  package static func pairs(of stack: RecurrentStack) -> [ModelManifest.StatePair] {
    (0..<stack.depth).flatMap { layer in
      (stack.layer.cell == .lstm ? ["hidden", "cell"] : ["hidden"]).map {
        .init(input: name(layer, $0), output: name(layer, $0) + "_next")
      }
    }
  }

  /// The input of a layer's state; an encoder that makes it gives its output this name.
  package static func name(_ layer: Int, _ part: String) -> String { "state_\(layer)_\(part)" }
}

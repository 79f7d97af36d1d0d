import GraphIR

extension Upgrades {
  /// RNN, GRU and LSTM with the batch in front, an attribute of opset 14 and later.
  ///
  /// In a graph the time steps come first (layout 0), so X and the initial states are transposed on the way in, Y and the final states
  /// on the way out.
  static let recurrent: [Upgrade] = RecurrentCell.allCases.map { cell in
    Upgrade(cell.rawValue, before: .max) { node, context in
      guard try node.int("layout", default: 0) == 1 else { return [node] }
      var recurrent = node
      recurrent.attributes["layout"] = nil
      var before: [ONNXNode] = []
      var after: [ONNXNode] = []
      typealias Operand = RecurrentCell.Operand
      let states = [Operand.initialHidden] + (cell == .lstm ? [Operand.initialCell] : [])
      for input in [Operand.x] + states where input < node.inputs.count {
        let source = node.inputs[input]
        guard !source.isEmpty else { continue }
        let name = context.freshName(node, "time_major_\(input)")
        // [N, T, I] to [T, N, I], [N, D, H] to [D, N, H].
        before.append(.transpose(source, to: name, [1, 0, 2], beside: node))
        recurrent.inputs[input] = name
      }
      for (output, target) in node.outputs.enumerated() where !target.isEmpty {
        let name = context.freshName(node, "time_major_output_\(output)")
        // [T, D, N, H] to [N, T, D, H], [D, N, H] to [N, D, H].
        let order = output == 0 ? [2, 0, 1, 3] : [1, 0, 2]
        after.append(.transpose(name, to: target, order, beside: node))
        recurrent.outputs[output] = name
      }
      return before + [recurrent] + after
    }
  }
}

extension ONNXNode {
  fileprivate static func transpose(
    _ source: String,
    to target: String,
    _ order: [Int],
    beside node: ONNXNode
  ) -> ONNXNode {
    ONNXNode("Transpose", [source], [target], ["perm": .ints(order)], beside: node)
  }
}

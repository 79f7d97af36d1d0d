import GraphIR
import Tensors

extension Upgrades {
  /// Operators that cut, pad or pick along axes.
  static let slicing: [Upgrade] = [
    Upgrade("Slice", before: 10) { node, context in
      var node = node
      try node.moveInts("starts", toInput: 1, &context)
      try node.moveInts("ends", toInput: 2, &context)
      try node.moveInts("axes", toInput: 3, &context)
      return [node]
    },
    // Without sizes the parts are equal; since opset 18 the node says how many there are.
    Upgrade("Split", before: 18) { node, context in
      var node = node
      try node.moveInts("split", toInput: 1, &context)
      if node.inputs.count < 2 || node.inputs[1].isEmpty {
        node.attributes["num_outputs"] = .int(node.outputs.count)
      }
      return [node]
    },
    Upgrade("Pad", before: 11) { node, context in
      var node = node
      try node.moveInts("pads", toInput: 1, &context)
      try node.moveFloat("value", toInput: 2, &context)
      return [node]
    },
    Upgrade("TopK", before: 10) { node, context in
      var node = node
      try node.moveInts("k", toInput: 1, &context)
      return [node]
    },
    // Scatter got its second name in opset 11.
    Upgrade("Scatter", before: 11) { node, _ in
      var node = node
      node.op = "ScatterElements"
      return [node]
    },
    Upgrade("Reshape", before: 14) { node, context in
      var node = node
      try node.moveInts("shape", toInput: 1, &context)
      return [node]
    },
  ]
}

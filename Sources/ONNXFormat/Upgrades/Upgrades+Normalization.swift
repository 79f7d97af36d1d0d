import GraphIR
import Tensors

extension Upgrades {
  /// Batch and group normalisation.
  static let normalization: [Upgrade] = [
    // Until opset 14 the number of outputs told training from inference.
    Upgrade("BatchNormalization", before: 14) { node, context in
      var node = node
      guard node.outputs.dropFirst().allSatisfy(\.isEmpty) else {
        throw node.unsupported("training outputs before opset 14")
      }
      if try node.int("spatial", default: 1) != 1 {
        throw node.unsupported("spatial = 0, statistics for each position")
      }
      node.attributes["spatial"] = nil
      node.outputs = Array(node.outputs.prefix(1))
      return [node]
    },
    // Until opset 21 scale and bias had one number for each group; now one for each channel.
    Upgrade("GroupNormalization", before: 21) { node, context in
      var node = node
      let groups = try node.int("num_groups", default: 0)
      guard node.inputs.count == 3, groups > 0,
        let shape = try context.type(of: node.inputs[0], for: node)?.shape.dimensions,
        shape.count >= 2, let channels = shape[1].size, channels % groups == 0
      else { throw node.unsupported("before opset 21 with an unknown number of channels") }
      var nodes: [ONNXNode] = []
      for (index, name) in [(1, "scale"), (2, "bias")] {
        let column = context.freshName(node, "\(name)_column")
        let matrix = context.freshName(node, "\(name)_matrix")
        let vector = context.freshName(node, "\(name)_vector")
        func sizes(_ values: [Int], _ context: inout ImportContext) throws -> String {
          try context.addConstant(Tensor(vector: values.map(Int64.init)), node, "\(name)_shape")
        }
        nodes.append(
          ONNXNode(
            "Reshape",
            [node.inputs[index], try sizes([groups, 1], &context)],
            [column],
            beside: node
          )
        )
        nodes.append(
          ONNXNode(
            "Expand",
            [column, try sizes([groups, channels / groups], &context)],
            [matrix],
            beside: node
          )
        )
        nodes.append(
          ONNXNode("Reshape", [matrix, try sizes([channels], &context)], [vector], beside: node)
        )
        node.inputs[index] = vector
      }
      return nodes + [node]
    },
  ]
}

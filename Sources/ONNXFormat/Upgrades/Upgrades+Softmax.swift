import GraphIR
import Tensors

extension Upgrades {
  /// Softmax, LogSoftmax and Hardmax before opset 13.
  ///
  /// They saw their input as a matrix, all axes from `axis` (default 1) on flattened into its rows. Where `axis` is the last one
  /// that is today's operator; elsewhere it is Flatten, the operator, and Reshape to the input's shape.
  static let softmax: [Upgrade] = ["Softmax", "LogSoftmax", "Hardmax"].map { op in
    Upgrade(op, before: 13) { node, context in
      let axis = try node.int("axis", default: 1)
      guard let input = node.inputs.first, let output = node.outputs.first else {
        throw node.invalid("one input and one output are needed")
      }
      let rank = try context.type(of: input, for: node)?.shape.rank
      var node = node
      if axis == -1 || axis + 1 == rank {
        node.attributes["axis"] = .int(-1)
        return [node]
      }
      let shape = context.freshName(node, "shape")
      let matrix = context.freshName(node, "matrix")
      let result = context.freshName(node, "rows")
      node.inputs = [matrix]
      node.outputs = [result]
      node.attributes["axis"] = .int(-1)
      return [
        ONNXNode("Shape", [input], [shape], beside: node),
        ONNXNode("Flatten", [input], [matrix], ["axis": .int(axis)], beside: node),
        node,
        // A size of 0 in the shape means an empty axis here, not "keep".
        ONNXNode("Reshape", [result, shape], [output], ["allowzero": .int(1)], beside: node),
      ]
    }
  }
}

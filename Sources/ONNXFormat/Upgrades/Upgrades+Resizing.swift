import GraphIR
import Tensors

extension Upgrades {
  /// Upsample and Resize, which took its place in opset 10.
  static let resizing: [Upgrade] = [
    Upgrade("Upsample", before: 10) { node, context in
      var node = node
      node.op = "Resize"
      let scales: String
      if case .floats(let values)? = node.attributes.removeValue(forKey: "scales") {
        scales = try context.addConstant(Tensor(vector: values), node, "scales")
      } else if node.inputs.count == 2 {
        scales = node.inputs[1]
      } else {
        throw node.invalid("needs scales")
      }
      return [try asymmetric(node, scales, &context)]
    },
    Upgrade("Resize", before: .max) { node, context in
      var node = node
      if let opset = context.opset, opset < 11 {
        guard node.inputs.count == 2 else { throw node.invalid("needs scales") }
        return [try asymmetric(node, node.inputs[1], &context)]
      }
      // Opset 11 could not leave inputs out and used empty tensors instead.
      for index in node.inputs.indices.dropFirst() {
        if try context.constant(node.inputs[index], for: node)?.shape.elementCount == 0 {
          node.inputs[index] = ""
        }
      }
      return [node]
    },
  ]

  /// Before opset 11 output position x read input position x / scale, rounded down (up where the result is smaller).
  private static func asymmetric(
    _ node: ONNXNode,
    _ scales: String,
    _ context: inout ImportContext
  ) throws -> ONNXNode {
    var node = node
    var isSmaller = false
    if let values = try context.constant(scales, for: node), values.dtype == .float32 {
      isSmaller = values.elements(of: Float.self).contains { $0 < 1 }
    }
    node.inputs = [node.inputs.first ?? "", "", scales]
    node.attributes["coordinate_transformation_mode"] = .string("asymmetric")
    node.attributes["nearest_mode"] = .string(isSmaller ? "ceil" : "floor")
    return node
  }
}

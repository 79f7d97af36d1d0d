import GraphIR
import Tensors

extension Upgrades {
  /// Operators that work element by element.
  static let elementwise: [Upgrade] = [
    Upgrade("Clip", before: 11) { node, context in
      var node = node
      try node.moveFloat("min", toInput: 1, &context)
      try node.moveFloat("max", toInput: 2, &context)
      return [node]
    },
    // Before opset 12 Dropout could not be told to train, so a model that has it was exported for inference. Its mask had the
    // type of the data until opset 10.
    Upgrade("Dropout", before: 12) { node, context in
      var node = node
      if case .float(let ratio)? = node.attributes.removeValue(forKey: "ratio") {
        node.setInput(1, try context.addConstant(Tensor(scalar: ratio), node, "ratio"))
      }
      guard let opset = context.opset, opset < 10, node.outputs.count > 1,
        !node.outputs[1].isEmpty,
        let dtype = try context.type(of: node.inputs.first ?? "", for: node)?.dtype
      else { return [node] }
      let mask = context.freshName(node, "mask")
      let cast = ONNXNode(
        "Cast",
        [mask],
        [node.outputs[1]],
        ["to": .int(dtype.onnxCode)],
        beside: node
      )
      node.outputs[1] = mask
      return [node, cast]
    },
    Upgrade("Cast", before: 9) { node, _ in
      guard case .string(let name)? = node.attributes["to"] else { return [node] }
      let names = [
        "FLOAT": DType.float32, "DOUBLE": .float64, "FLOAT16": .float16, "INT8": .int8,
        "INT16": .int16, "INT32": .int32, "INT64": .int64, "UINT8": .uint8, "UINT16": .uint16,
        "UINT32": .uint32, "UINT64": .uint64, "BOOL": .bool,
      ]
      guard let dtype = names[name] else { throw node.unsupported("cast to \(name)") }
      var node = node
      node.attributes["to"] = .int(dtype.onnxCode)
      return [node]
    },
  ]
}

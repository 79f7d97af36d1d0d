import GraphIR

extension Upgrades {
  /// Scan of opset 8: every operand has the batch as axis 0, the steps stand along axis 1, and an input in front may hold lengths.
  ///
  /// It becomes a Scan over the batch whose body is the Scan of today over one example.
  static let scan: [Upgrade] = [
    Upgrade("Scan", before: 9) { node, context in
      // The inner node comes here again: opset 8 has no axes.
      if node.attributes["scan_input_axes"] != nil { return [node] }
      guard node.inputs.first?.isEmpty == true else {
        throw node.unsupported("sequence lengths, which Scan had in opset 8 only")
      }
      guard let body = node.bodies["body"] else { throw node.invalid("there is no body") }
      let operands = Array(node.inputs.dropFirst())
      let scanned = try node.int("num_scan_inputs", default: 0)
      guard (0...operands.count).contains(scanned) else {
        throw node.invalid("num_scan_inputs is \(scanned), there are \(operands.count) operands")
      }

      var example = ONNXGraph()
      example.name = "\(node.name)/example"
      example.inputs = operands.indices.map {
        ONNXValueInfo(name: context.freshName(node, "example_input_\($0)"))
      }
      let results = node.outputs.indices.map { context.freshName(node, "example_output_\($0)") }
      var inner = ONNXNode("Scan", example.inputs.map(\.name), results, beside: node)
      inner.bodies = ["body": body]
      inner.attributes["num_scan_inputs"] = .int(scanned)
      inner.attributes["scan_input_axes"] = .ints([Int](repeating: 0, count: scanned))
      if let directions = node.attributes["directions"] {
        inner.attributes["scan_input_directions"] = directions
      }
      example.nodes = [inner]
      example.outputs = results.map { ONNXValueInfo(name: $0) }
      example.findCaptures()

      var outer = node
      outer.inputs = operands
      outer.attributes = [
        "num_scan_inputs": .int(operands.count),
        "scan_input_axes": .ints([Int](repeating: 0, count: operands.count)),
      ]
      outer.bodies = ["body": example]
      return [outer]
    }
  ]
}

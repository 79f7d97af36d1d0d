import GraphIR

/// Tells which initialisers of a model are weights, from the inputs that read them.
enum WeightFinder {
  enum Role {
    /// Changed by gradient descent.
    case weight
    /// A running statistic of batch normalisation: changed by training, but not by gradients.
    case statistic
  }

  /// Inputs that hold weights, by operator.
  private static let weightInputs: [String: ClosedRange<Int>] = [
    "Conv": 1...2, "ConvTranspose": 1...2, "Gemm": 0...2, "MatMul": 0...1, "Einsum": 0...15,
    "RNN": 1...3, "GRU": 1...3, "LSTM": 1...3, "Gather": 0...0, "PRelu": 1...1,
    "BatchNormalization": 1...2, "InstanceNormalization": 1...2, "LayerNormalization": 1...2,
    "GroupNormalization": 1...2, "RMSNormalization": 1...1, "Add": 0...1, "Sub": 0...1,
    "Mul": 0...1,
  ]

  /// Operators that hand their first input on in another arrangement: mnist-8.onnx reshapes its dense weights.
  private static let movers: Set<String> = [
    "Reshape", "Transpose", "Identity", "Squeeze", "Unsqueeze", "Flatten", "Concat", "Cast",
    "Expand",
  ]

  /// The role of each initialiser that has one.
  ///
  /// An element-wise operand counts only where it has more than one element: a scale of 1/255 is no weight.
  static func roles(in graph: ONNXGraph) -> [String: Role] {
    var roles: [String: Role] = [:]
    let initializers = graph.initializers + graph.bodyInitializers
    let scalars = Set(initializers.filter { $0.elementCountHint <= 1 }.map(\.name))
    // Readers stand behind producers in all but unsorted files, so one walk from the back sees every chain.
    for node in graph.nodesWithBodies.reversed() {
      if node.op == "BatchNormalization" {
        for name in node.inputs.dropFirst(3) where roles[name] == nil { roles[name] = .statistic }
      }
      if movers.contains(node.op), let output = node.outputs.first, roles[output] == .weight {
        let moved = node.op == "Concat" ? node.inputs[...] : node.inputs.prefix(1)
        for name in moved { roles[name] = .weight }
      }
      guard let positions = weightInputs[node.op] else { continue }
      let isElementwise = ["Add", "Sub", "Mul"].contains(node.op)
      for (position, name) in node.inputs.enumerated() where positions.contains(position) {
        if isElementwise, scalars.contains(name) { continue }
        roles[name] = .weight
      }
      if node.op == "LSTM", node.inputs.count > RecurrentCell.Operand.peepholes {
        roles[node.inputs[RecurrentCell.Operand.peepholes]] = .weight
      }
    }
    let names = Set(initializers.map(\.name))
    return roles.filter { names.contains($0.key) }
  }
}

package import Tensors

/// What is known about an operator without running it: arity, shape rule, documentation.
///
/// The IR holds one form of each operator, that of ONNX opset 21 (axes and the like are inputs where that opset has them as
/// inputs); readers of older files bring them into this form.
package struct OperatorDefinition: Sendable {
  package let name: OperatorName
  /// Numbers of inputs allowed, trailing optional ones may be left out.
  package let inputs: ClosedRange<Int>
  /// Numbers of outputs: required, and all.
  package let outputs: ClosedRange<Int>
  /// Inputs whose *values* decide the output's shape (as `shape` of Reshape).
  ///
  /// A plan needs them before it runs.
  package let shapeOperands: Set<Int>
  /// The output's shape depends on the data itself (as for NonZero): such a node cannot be planned.
  package let isDataDependent: Bool
  /// Variables, by input position, that a run of this node changes in place (optimiser updates, Assign).
  package let updatedInputs: Set<Int>
  /// The result depends on the session's seed and step (Dropout in training, RandomNormal...).
  package let isRandom: Bool
  /// One line: what it computes.
  package let summary: String
  private let infer: @Sendable (ShapeContext) throws(GraphError) -> [ValueType]

  package init(
    _ name: OperatorName,
    inputs: ClosedRange<Int>,
    outputs: ClosedRange<Int> = 1...1,
    shapeOperands: Set<Int> = [],
    isDataDependent: Bool = false,
    updatedInputs: Set<Int> = [],
    isRandom: Bool = false,
    summary: String,
    infer: @escaping @Sendable (ShapeContext) throws(GraphError) -> [ValueType]
  ) {
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    self.shapeOperands = shapeOperands
    self.isDataDependent = isDataDependent
    self.updatedInputs = updatedInputs
    self.isRandom = isRandom
    self.summary = summary
    self.infer = infer
  }

  /// The types of a node's outputs, from the types of its operands in `graph`.
  package func outputTypes(of node: Node, in graph: Graph) throws(GraphError) -> [ValueType] {
    try outputTypes(
      of: node,
      inputTypes: node.inputs.map { $0.map { graph[$0].type } },
      inputValues: node.inputs.map { $0.flatMap { graph.constant($0) } }
    )
  }

  /// The types of a node's outputs, from given operand types and the values that are known.
  package func outputTypes(
    of node: Node,
    inputTypes: [ValueType?],
    inputValues: [Tensor?]
  ) throws(GraphError) -> [ValueType] {
    guard inputs.contains(node.inputs.count) else {
      throw .arity(node: node.name, op: name, inputs: node.inputs.count, expected: inputs)
    }
    return try infer(ShapeContext(node: node, inputTypes: inputTypes, inputValues: inputValues))
  }
}

/// What a shape rule sees.
package struct ShapeContext: Sendable {
  package let node: Node
  package let inputTypes: [ValueType?]
  /// Values known before the run: constants, and everything computed from constants and known shapes.
  package let inputValues: [Tensor?]

  /// The type of a required input.
  package func type(_ input: Int) throws(GraphError) -> ValueType {
    guard input < inputTypes.count, let type = inputTypes[input] else {
      throw .missingInput(node: node.name, op: node.op, input: input)
    }
    return type
  }

  /// The type of an optional input, `nil` where it is left out.
  package func optionalType(_ input: Int) -> ValueType? {
    input < inputTypes.count ? inputTypes[input] : nil
  }

  /// The value of an input where it is known before the run.
  package func value(_ input: Int) -> Tensor? {
    input < inputValues.count ? inputValues[input] : nil
  }

  /// True where the node names this input.
  package func hasInput(_ input: Int) -> Bool {
    input < node.inputs.count && node.inputs[input] != nil
  }

  /// An error about this node's operands.
  package func error(_ detail: String) -> GraphError {
    .operands(node: node.name, op: node.op, detail: detail)
  }
}

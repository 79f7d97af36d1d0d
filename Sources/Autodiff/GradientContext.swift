package import GraphIR
import Tensors

/// Adds the gradient nodes of one node, given the gradients of its outputs.
///
/// Returns one gradient for each input (fewer is fine: the rest have none); only those that `isWanted` are used.
package typealias GradientRule =
  @Sendable (inout GradientContext) throws(GraphError) -> [ValueID?]

/// What a gradient rule sees: the node, the gradients that arrive at its outputs, and the growing graph.
package struct GradientContext {
  /// The graph with all nodes added so far.
  package var graph: Graph

  struct Frame {
    var nodeID: NodeID
    var node: Node
    var outputGradients: [ValueID?]
    var wanted: [Bool]
  }
  /// The node being differentiated; `nil` outside of a rule.
  var frame: Frame?

  init(graph: Graph) { self.graph = graph }

  /// The node being differentiated.
  package var node: Node {
    frame?.node ?? Node(op: "", name: "", inputs: [], outputs: [], attributes: [:])
  }

  /// A required input of the node.
  package func input(_ index: Int) throws(GraphError) -> ValueID {
    guard let value = optionalInput(index) else {
      throw .missingInput(node: node.name, op: node.op, input: index)
    }
    return value
  }

  /// An input of the node, `nil` where it is left out.
  package func optionalInput(_ index: Int) -> ValueID? {
    index < node.inputs.count ? node.inputs[index] : nil
  }

  /// An output of the node; asks for it where the node left it out.
  package mutating func output(_ index: Int) throws(GraphError) -> ValueID {
    if index < node.outputs.count, let value = node.outputs[index] { return value }
    guard let frame else { throw .invalid("no node is being differentiated") }
    let value = try graph.requestOutput(index, of: frame.nodeID)
    self.frame?.node = graph[frame.nodeID]
    return value
  }

  /// Changes attributes of the node, as for a body that gives more.
  ///
  /// - Throws: `GraphError` where the types of present outputs change.
  package mutating func setAttributes(_ attributes: [String: Attribute]) throws(GraphError) {
    guard let frame else { throw .invalid("no node is being differentiated") }
    try graph.setAttributes(of: frame.nodeID, attributes)
    self.frame?.node = graph[frame.nodeID]
  }

  /// The gradient that arrives at an output: zeros where nothing does.
  package mutating func outputGradient(_ index: Int = 0) throws(GraphError) -> ValueID {
    if hasOutputGradient(index), let gradient = frame?.outputGradients[index] { return gradient }
    return try filled(0, like: output(index))
  }

  /// True where a gradient arrives at this output.
  package func hasOutputGradient(_ index: Int) -> Bool {
    guard let gradients = frame?.outputGradients, index < gradients.count else { return false }
    return gradients[index] != nil
  }

  /// True where the gradient of this input will be used.
  package func isWanted(_ input: Int) -> Bool {
    guard let wanted = frame?.wanted, input < wanted.count else { return false }
    return wanted[input]
  }

  /// The statically known rank of a value.
  package func rank(of value: ValueID) throws(GraphError) -> Int {
    guard let rank = graph[value].type.shape.rank else {
      throw unsupported("the rank of \(graph[value].name) must be known")
    }
    return rank
  }

  /// The error of a rule that does not cover this node.
  package func unsupported(_ detail: String) -> GraphError {
    .unsupported(node: node.name, op: node.op, detail: "gradient: \(detail)")
  }

  /// Differentiates a node through an equal expression of simpler operators.
  ///
  /// `build` adds nodes that compute the node's first output once more (a plan drops the ones that no gradient reads); the gradients of
  /// the node's inputs are then those of the expression.
  package mutating func gradientsThroughEquivalent(
    _ build: (inout GradientContext) throws(GraphError) -> ValueID
  ) throws(GraphError) -> [ValueID?] {
    try gradientsThroughEquivalents { (context: inout GradientContext) throws(GraphError) in
      [try build(&context)]
    }
  }

  /// As `gradientsThroughEquivalent`, for the node's first outputs together: as many as `build` gives.
  package mutating func gradientsThroughEquivalents(
    _ build: (inout GradientContext) throws(GraphError) -> [ValueID]
  ) throws(GraphError) -> [ValueID?] {
    let equivalents = try build(&self)
    var seeds: [ValueID: ValueID] = [:]
    for (index, equivalent) in equivalents.enumerated() where hasOutputGradient(index) {
      let gradient = try outputGradient(index)
      seeds[equivalent] =
        try seeds[equivalent].map { other throws(GraphError) in
          try add(other, gradient)
        } ?? gradient
    }
    var positions: [Int] = []
    var targets: [ValueID] = []
    for (position, input) in node.inputs.enumerated() where isWanted(position) {
      guard let input, !targets.contains(input) else { continue }
      positions.append(position)
      targets.append(input)
    }
    let leaves = Set(node.inputs.compactMap { $0 })
    let found = try backpropagate(
      from: seeds,
      to: targets,
      stopping: leaves
    )
    var result = [ValueID?](repeating: nil, count: node.inputs.count)
    for (position, value) in zip(positions, found) { result[position] = value }
    return result
  }
}

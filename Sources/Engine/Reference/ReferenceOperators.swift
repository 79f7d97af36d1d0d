package import GraphIR
package import Tensors

/// Seed and position of the random numbers that one run draws.
package struct RandomState: Sendable, Hashable {
  package var seed: UInt64
  /// Counts runs; a resumed training continues with the step it stopped at.
  package var step: UInt64

  package init(seed: UInt64 = 0, step: UInt64 = 0) {
    self.seed = seed
    self.step = step
  }

  /// The Philox stream for a node: its own number above, the step below.
  package func stream(node: Int) -> UInt64 {
    UInt64(truncatingIfNeeded: node) << 40 | (step & 0xFF_FFFF_FFFF)
  }

  /// What the body of a node draws from in one of its steps: another seed for each node and step, so that no two steps draw alike.
  package func nested(node: Int, step: Int) -> RandomState {
    var mixed = seed
    for number in [node, step] {
      // SplitMix64's finaliser.
      mixed = mixed &+ 0x9E37_79B9_7F4A_7C15 &* (UInt64(truncatingIfNeeded: number) &+ 1)
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      mixed ^= mixed >> 31
    }
    return RandomState(seed: mixed, step: self.step)
  }
}

/// One evaluation of a node by the reference interpreter.
package struct ReferenceCall {
  package let node: Node
  package let inputs: [Tensor?]
  /// Position of the node in its graph; numbers its random stream.
  package let nodeIndex: Int
  package let random: RandomState
  /// The arithmetic that bodies are run in.
  package let precision: ReferenceInterpreter.Precision

  package init(
    node: Node,
    inputs: [Tensor?],
    nodeIndex: Int,
    random: RandomState,
    precision: ReferenceInterpreter.Precision = .asDeclared
  ) {
    self.node = node
    self.inputs = inputs
    self.nodeIndex = nodeIndex
    self.random = random
    self.precision = precision
  }

  /// A required operand.
  package func input(_ index: Int) throws(GraphError) -> Tensor {
    guard index < inputs.count, let tensor = inputs[index] else {
      throw .missingInput(node: node.name, op: node.op, input: index)
    }
    return tensor
  }

  /// An optional operand, `nil` where it is left out.
  package func optionalInput(_ index: Int) -> Tensor? {
    index < inputs.count ? inputs[index] : nil
  }

  /// An error about this node's operands.
  package func error(_ detail: String) -> GraphError {
    .operands(node: node.name, op: node.op, detail: detail)
  }
}

/// A slow, obvious implementation of an operator: the oracle that kernels are tested against, and what the engine runs where it has no
/// kernel for an operator's element type.
package typealias ReferenceFunction = @Sendable (ReferenceCall) throws -> [Tensor?]

/// The reference implementations by operator, one table for each family in this folder.
package enum ReferenceOperators {
  package static func function(for op: OperatorName) -> ReferenceFunction? { table[op] }

  /// Every operator that has a reference implementation.
  package static var names: Set<OperatorName> { Set(table.keys) }

  private static let families: [[OperatorName: ReferenceFunction]] = [
    elementwiseUnary,
    elementaryFunctions,
    activations,
    elementwiseBinary,
    bitwise,
    casting,
    controlFlow,
    reductions,
    axisOperators,
    generators,
    randomGenerators,
    linearAlgebra,
    gradientKernels,
    updates,
    convolution,
    imaging,
    indexing,
    linear,
    losses,
    movement,
    normalization,
    pooling,
    quantization,
    recurrent,
  ]

  private static let table = families.reduce(into: [OperatorName: ReferenceFunction]()) {
    $0.merge($1) { first, _ in first }
  }
}

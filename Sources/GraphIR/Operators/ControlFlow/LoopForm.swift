package import Tensors

/// A Loop node taken apart: N carried values, K scan outputs, C captured values.
///
/// - Inputs of the node: trip count M (int64, may be left out), condition (bool, may be left out), carried values (N), captured values (C).
///   Outputs: final carried values (N), scan outputs (K), which get a new first axis.
/// - Inputs of the body: the step's number (int64), the condition, carried values, captured values. Outputs: whether to go on, new carried
///   values, slices of the scan outputs.
package struct LoopForm: Sendable {
  package let body: Graph
  package let carriedCount: Int
  package let scanOutputCount: Int
  package let captureCount: Int
  package let hasTripCount: Bool
  package let hasCondition: Bool

  /// Steps that one Loop may take: one whose condition never ends stops with an error.
  package static let stepCountMax = 1 << 20

  /// - Throws: `GraphError` where the counts of operands do not fit the body.
  package init(_ node: Node) throws(GraphError) {
    func fail(_ detail: String) -> GraphError {
      .operands(node: node.name, op: node.op, detail: detail)
    }
    body = try node.body("body")
    captureCount = try node.captureCount()
    carriedCount = body.inputs.count - 2 - captureCount
    guard carriedCount >= 0, node.inputs.count == body.inputs.count else {
      throw fail(
        "\(node.inputs.count) inputs, \(captureCount) of them captured; the body has \(body.inputs.count), two for step and condition"
      )
    }
    scanOutputCount = body.outputs.count - 1 - carriedCount
    guard scanOutputCount >= 0 else {
      throw fail("\(carriedCount) carried values, the body has \(body.outputs.count) outputs")
    }
    guard node.inputs.dropFirst(2).allSatisfy({ $0 != nil }) else {
      throw fail("a carried value is left out")
    }
    hasTripCount = node.inputs[0] != nil
    hasCondition = node.inputs[1] != nil
  }

  /// Where the captured values start among the inputs of node and body.
  package var firstCapture: Int { 2 + carriedCount }

  /// True where the body answers "go on" whatever it computes, so that the trip count alone decides.
  package var continuesAlways: Bool {
    guard let condition = body.outputs.first else { return false }
    return condition == body.inputs[1] || body.isConstantTrue(condition)
  }
}

/// An If node taken apart: both branches read the captured values, which are all inputs behind the condition.
package struct IfForm: Sendable {
  package let thenBranch: Graph
  package let elseBranch: Graph

  /// - Throws: `GraphError` where the branches' inputs or outputs differ in number.
  package init(_ node: Node) throws(GraphError) {
    thenBranch = try node.body("then_branch")
    elseBranch = try node.body("else_branch")
    let captures = node.inputs.count - 1
    guard thenBranch.inputs.count == captures, elseBranch.inputs.count == captures,
      node.inputs.allSatisfy({ $0 != nil })
    else {
      throw .operands(
        node: node.name,
        op: node.op,
        detail:
          "\(captures) captured values; the branches read \(thenBranch.inputs.count) and \(elseBranch.inputs.count)"
      )
    }
    guard thenBranch.outputs.count == elseBranch.outputs.count else {
      throw .operands(
        node: node.name,
        op: node.op,
        detail:
          "the branches have \(thenBranch.outputs.count) and \(elseBranch.outputs.count) outputs"
      )
    }
  }

  /// The branch that a condition takes.
  package func branch(_ condition: Bool) -> Graph { condition ? thenBranch : elseBranch }
}

extension Graph {
  /// True for a constant that holds true, also behind Identity.
  package func isConstantTrue(_ value: ValueID) -> Bool {
    var current = value
    while case .output(let id, _) = self[current].source, self[id].op == "Identity",
      let source = self[id].inputs.first ?? nil
    {
      current = source
    }
    return constant(current)?.truth == true
  }
}

extension Tensor {
  /// The only element of a bool tensor, `nil` for other types and sizes.
  package var truth: Bool? {
    dtype == .bool && shape.elementCount == 1 ? elements(of: Bool.self)[0] : nil
  }
}

import Tensors

/// A Scan node taken apart: N states, M scan inputs, K scan outputs, C captured values.
///
/// - Inputs of the node: states (N), scan inputs (M), captured values (C). Outputs: final states (N), scan outputs (K).
/// - Inputs of the body: states, slices of the scan inputs, captured values. Outputs: new states, slices of the scan outputs.
package struct ScanForm: Sendable {
  package let body: Graph
  package let stateCount: Int
  package let scanInputCount: Int
  package let scanOutputCount: Int
  package let captureCount: Int
  /// As written: negative ones count from the back.
  package let inputAxes: [Int]
  /// True where a scan input is read from its end.
  package let isInputReversed: [Bool]
  package let outputAxes: [Int]
  /// True where each step's slice is put before the ones that are there.
  package let isOutputReversed: [Bool]

  /// - Throws: `GraphError` where counts of operands, axes and directions do not fit the body.
  package init(_ node: Node) throws(GraphError) {
    func fail(_ detail: String) -> GraphError {
      .operands(node: node.name, op: node.op, detail: detail)
    }
    body = try node.body("body")
    captureCount = try node.captureCount()
    scanInputCount = try node.int("num_scan_inputs", default: 0)
    guard scanInputCount >= 1, scanInputCount <= body.inputs.count else {
      throw fail("num_scan_inputs is \(scanInputCount), the body has \(body.inputs.count) inputs")
    }
    stateCount = body.inputs.count - captureCount - scanInputCount
    guard stateCount >= 0, node.inputs.count == body.inputs.count else {
      throw fail(
        "\(node.inputs.count) inputs, \(scanInputCount) of them scanned and \(captureCount) captured; the body has \(body.inputs.count)"
      )
    }
    scanOutputCount = body.outputs.count - stateCount
    guard scanOutputCount >= 0 else {
      throw fail("\(stateCount) states, the body has \(body.outputs.count) outputs")
    }
    guard node.inputs.allSatisfy({ $0 != nil }) else { throw fail("an input is left out") }

    func numbers(_ name: String, _ count: Int) throws(GraphError) -> [Int] {
      guard let given = try node.ints(name) else { return [Int](repeating: 0, count: count) }
      guard given.count == count else {
        throw fail("\(name) has \(given.count) entries, expected \(count)")
      }
      return given
    }
    func directions(_ name: String, _ count: Int) throws(GraphError) -> [Bool] {
      let given = try numbers(name, count)
      guard given.allSatisfy({ $0 == 0 || $0 == 1 }) else {
        throw fail("\(name) is \(given); a direction is 0 (forward) or 1 (reverse)")
      }
      return given.map { $0 == 1 }
    }
    inputAxes = try numbers("scan_input_axes", scanInputCount)
    isInputReversed = try directions("scan_input_directions", scanInputCount)
    outputAxes = try numbers("scan_output_axes", scanOutputCount)
    isOutputReversed = try directions("scan_output_directions", scanOutputCount)
  }

  /// Where the captured values start among the inputs of node and body.
  package var firstCapture: Int { stateCount + scanInputCount }
}

extension Node {
  /// Holds how many of the last inputs were captured from outside of the body.
  ///
  /// Ours alone: ONNX files let bodies read outer values by name, so readers add it and writers leave it out.
  package static let capturesAttribute = "martlet_captures"

  /// How many inputs the operator itself has; those behind them are captured.
  package func formalInputCount() throws(GraphError) -> Int {
    op == "If" ? 1 : inputs.count - (try captureCount())
  }

  func captureCount() throws(GraphError) -> Int {
    let count = try int(Node.capturesAttribute, default: 0)
    guard (0...inputs.count).contains(count) else {
      throw .operands(
        node: name,
        op: op,
        detail: "\(Node.capturesAttribute) is \(count), there are \(inputs.count) inputs"
      )
    }
    return count
  }
}

import Autodiff
import Engine
import GraphIR
import TestSupport
import Tensors
import Testing

@Suite struct RecurrentGradientTests {
  private static let (steps, batch, inputs, hidden) = (3, 2, 2, 2)

  /// One cell with every operand that it has.
  private static func everything(
    _ cell: RecurrentCell,
    _ attributes: [String: Attribute] = [:],
    directions: Int = 1,
    lengths: [Int32]? = nil,
    output: Int = 0,
    bias: Bool = true,
    note: String = ""
  ) -> GradientCase {
    let gates = cell.gateCount * hidden
    var operands: [GradientCase.Operand] = [
      .random([steps, batch, inputs]),
      .random([directions, gates, inputs]),
      .random([directions, gates, hidden]),
      bias ? .random([directions, 2 * gates]) : .absent,
      lengths.map { .constant(Tensor(vector: $0)) } ?? .absent,
      .random([directions, batch, hidden]),
    ]
    if cell == .lstm {
      operands += [.random([directions, batch, hidden]), .random([directions, 3 * hidden])]
    }
    return GradientCase(
      cell.op,
      operands,
      attributes,
      output: output,
      checksUnknownSizes: output == 0,
      note: note
    )
  }

  /// The three cells, each result of each, in all directions, with and without lengths.
  static let operands: [GradientCase] = RecurrentCell.allCases.flatMap { cell in
    var cases = (0..<cell.outputCount).map { everything(cell, output: $0, note: "output \($0)") }
    for (name, count) in [("reverse", 1), ("bidirectional", 2)] {
      let attributes: [String: Attribute] = ["direction": .string(name)]
      cases.append(everything(cell, attributes, directions: count))
      cases.append(everything(cell, attributes, directions: count, lengths: [1, 3], output: 1))
    }
    cases.append(everything(cell, lengths: [0, 2], bias: false))
    return cases
  }

  /// What single cells know: clip, coupled gates, the place of the reset gate.
  static let variants: [GradientCase] =
    RecurrentCell.allCases.map { everything($0, ["clip": .float(0.45)]) } + [
      everything(.gru, ["linear_before_reset": .int(1)]),
      everything(.gru, ["linear_before_reset": .int(1), "clip": .float(0.45)]),
      everything(.lstm, ["input_forget": .int(1)], output: 2),
    ]

  /// Every function in every place of a cell.
  static let functions: [GradientCase] = RecurrentActivation.Kind.allCases.flatMap { kind in
    RecurrentCell.allCases.map { cell in
      everything(
        cell,
        [
          "activations": .strings(
            [String](repeating: kind.rawValue, count: cell.activationCount)
          ),
          "activation_alpha": .floats([0.3, 0.25, 0.35]),
          "activation_beta": .floats([0.2, 0.4, 0.3]),
        ]
      )
    }
  }

  @Test(arguments: operands + variants + functions)
  func matchesCentralDifferences(_ gradient: GradientCase) throws {
    let (error, report) = try gradient.largestError()
    #expect(error <= 1e-6, "\(gradient): \(report)")
  }

  @Test func onlyWantedGradientsAreOutputs() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["T", "N", 2])
    let w = try graph.variable("w", Tensor(zeros: .float32, [1, 8, 2]))
    let r = try graph.variable("r", Tensor(zeros: .float32, [1, 8, 2]))
    let y = try graph.apply1("LSTM", [x, w, r])
    let gradients = try graph.gradients(of: y, withRespectTo: [w, r])
    let node = try #require(graph.nodes.first { $0.op == .martlet("LSTMGradient") })
    #expect(node.outputs.map { $0 != nil } == [false, true, true])
    #expect(gradients.map { graph[$0].type.shape } == [[1, 8, 2], [1, 8, 2]])
    // The forward node now hands out what the gradient reads.
    #expect(graph.nodes.first { $0.op == "LSTM" }?.outputs.count == 4)
  }

  @Test func secondDerivativesAreRefusedWithAdvice() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [2, 1, 2])
    let w = try graph.constant(Tensor(zeros: .float32, [1, 2, 2]))
    let y = try graph.apply1("RNN", [x, w, w])
    let gradient = try graph.gradients(of: y, withRespectTo: [x])[0]
    let error = #expect(throws: GraphError.self) {
      try graph.gradients(of: gradient, withRespectTo: [x])
    }
    #expect("\(try #require(error))".contains("Scan"))
  }
}

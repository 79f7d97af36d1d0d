import GraphIR
import Tensors
import Testing

@testable import Engine

@Suite struct TrainingReferenceTests {
  @Test func sumToShapeUndoesBroadcasting() throws {
    let x = Tensor((1...6).map(Float.init), [2, 3])
    func summed(_ shape: Tensor) throws -> Tensor {
      try evaluated(.martlet("SumToShape"), [x, shape])[0]
    }
    #expect(try summed(integers(3)) == floats(5, 7, 9))
    #expect(try summed(integers(2, 1)) == Tensor([6, 15] as [Float], [2, 1]))
    #expect(try summed(integers()) == Tensor(scalar: Float(21)))
    #expect(try summed(integers(2, 3)) == x)
    #expect(throws: GraphError.self) { try summed(integers(2)) }
  }

  /// Compares a gradient kernel with central differences of its operator.
  @Test(arguments: [
    ("Relu", false), ("LeakyRelu", false), ("Elu", false), ("Sigmoid", true), ("Tanh", true),
  ])
  func elementwiseGradientsMatchDifferences(_ name: String, fromResult: Bool) throws {
    let x = [-1.5, -0.25, 0.75, 2]
    let step = 1e-5
    let op = OperatorName(name)
    let upper = try numbersOf(op, [Tensor(vector: x.map { $0 + step })])
    let lower = try numbersOf(op, [Tensor(vector: x.map { $0 - step })])
    let saved = fromResult ? try evaluated(op, [Tensor(vector: x)])[0] : Tensor(vector: x)
    let gradient = try numbersOf(
      .martlet(name + "Gradient"),
      [Tensor(repeating: 2.0, [4]), saved]
    )
    #expect(agree(gradient, zip(upper, lower).map { ($0 - $1) / step }, within: 1e-8))
  }

  @Test(arguments: ["Softmax", "LogSoftmax"])
  func lineGradientsMatchDifferences(_ name: String) throws {
    let x = Tensor([0.5, -1, 2, 0, 1, 1.5], [3, 2])
    let dy = Tensor([1, -2, 0.5, 3, 0, 1], [3, 2])
    let axis: [String: Attribute] = ["axis": .int(0)]
    let y = try evaluated(OperatorName(name), [x], axis)[0]
    let gradient = try numbersOf(.martlet(name + "Gradient"), [y, dy], axis)
    let step = 1e-5
    let differences = try x.doubles.indices.map { index -> Double in
      func loss(_ shift: Double) throws -> Double {
        var moved = x.doubles
        moved[index] += shift
        let result = try numbersOf(OperatorName(name), [Tensor(moved, [3, 2])], axis)
        return zip(result, dy.doubles).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return (try loss(step) - loss(-step)) / (2 * step)
    }
    #expect(agree(gradient, differences, within: 1e-8))
  }

  @Test func gradientOfLeakyReluAtZeroTakesTheSlope() throws {
    let result = try numbersOf(
      .martlet("LeakyReluGradient"),
      [doubles(2), doubles(0)],
      ["alpha": .float(0.25)]
    )
    #expect(result == [0.5])
  }

  // w = 1, g = 2; scale 0.5 and decay 0.5 give g' = 0.5 * 2 + 0.5 * 1 = 1.5.
  private let decay: [String: Attribute] = ["decay": .float(0.5)]
  private let half = Tensor(scalar: 0.5)

  @Test func gradientDescent() throws {
    let op = OperatorName.martlet("SGDUpdate")
    #expect(try numbersOf(op, [doubles(1), doubles(2), half]) == [0])
    #expect(try numbersOf(op, [doubles(1), doubles(2), half, half], decay) == [0.25])
  }

  @Test func momentum() throws {
    let op = OperatorName.martlet("MomentumUpdate")
    let operands = [doubles(1), doubles(2), doubles(4), half, half]
    let plain = decay.merging(["momentum": .float(0.5)]) { $1 }
    // v' = 0.5 * 4 + 1.5 = 3.5
    #expect(try evaluated(op, operands, plain) == [doubles(1 - 0.5 * 3.5), doubles(3.5)])
    let nesterov = plain.merging(["nesterov": .int(1)]) { $1 }
    #expect(
      try evaluated(op, operands, nesterov) == [doubles(1 - 0.5 * (1.5 + 0.5 * 3.5)), doubles(3.5)]
    )
  }

  @Test func adam() throws {
    let op = OperatorName.martlet("AdamUpdate")
    let betas: [String: Attribute] = [
      "beta1": .float(0.5), "beta2": .float(0.75), "epsilon": .float(0.5),
    ]
    let step = Tensor(scalar: Int64(2))
    let operands = [doubles(1), doubles(2), doubles(1), doubles(0.75), half, step]
    // m' = 0.5 + 1 = 1.5, v' = 0.5625 + 1 = 1.5625; corrected by 0.75 and 0.4375.
    let change = 0.5 * (1.5 / 0.75) / ((1.5625 / 0.4375).squareRoot() + 0.5)
    let coupled = try evaluated(op, operands, betas)
    #expect(coupled[1...] == [doubles(1.5), doubles(1.5625)])
    #expect(agree(coupled[0].doubles, [1 - change]))
    let attributes = betas.merging(["decoupled": .int(1), "decay": .float(0.5)]) { $1 }
    let decoupled = try evaluated(op, operands, attributes)
    #expect(agree(decoupled[0].doubles, [0.75 - change]))
    let first = Tensor(scalar: Int64(0))
    #expect(throws: GraphError.self) { try evaluated(op, operands.dropLast() + [first]) }
  }

  @Test func assignTakesTheValue() throws {
    #expect(try evaluated(.martlet("Assign"), [floats(1), floats(2)]) == [floats(2)])
    #expect(throws: GraphError.self) {
      try evaluated(.martlet("Assign"), [floats(1), floats(1, 2)])
    }
  }

  @Test func interpreterChangesVariablesAfterTheRun() throws {
    var graph = Graph()
    let w = try graph.variable("w", floats(1))
    let g = try graph.placeholder("g", .float32, [1])
    let rate = try graph.constant(Tensor(scalar: Float(0.5)))
    let updated = try graph.apply1(.martlet("SGDUpdate"), [w, g, rate])
    var interpreter = ReferenceInterpreter(graph, precision: .double)
    #expect(
      try interpreter.run([w, updated], feeds: [g: floats(1)]) == [doubles(1), doubles(0.5)]
    )
    #expect(try interpreter.run([updated], feeds: [g: floats(1)]) == [doubles(0)])
  }

  @Test func interpreterInDoubleDoesNotRoundAtCasts() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [1])
    let third = try graph.apply1("Div", [x, graph.constant(floats(3))])
    let cast = try graph.apply1("Cast", [third], ["to": .int(DType.float32.onnxCode)])
    var interpreter = ReferenceInterpreter(graph, precision: .double)
    #expect(try interpreter.run([cast], feeds: [x: floats(1)]) == [doubles(1.0 / 3)])
  }
}

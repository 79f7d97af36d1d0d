import Autodiff
import Engine
import GraphIR
import NN
import TestSupport
import Tensors
import Testing

/// The fused operators RNN, LSTM and GRU equal the same cells written as a Scan: forward, gradients, on the reference interpreter and the engine.
@Suite struct FusedTwinTests {
  struct Pair: Sendable {
    let cell: RecurrentCell
    let twin: any StepCell
    var attributes: [String: Attribute] = [:]
  }

  static let pairs: [Pair] = [
    Pair(cell: .rnn, twin: RNNCell(units: 3)),
    Pair(cell: .lstm, twin: LSTMCell(units: 3)),
    Pair(
      cell: .gru,
      twin: GRUCell(units: 3),
      attributes: ["linear_before_reset": .int(1)]
    ),
    Pair(cell: .gru, twin: GRUCell(units: 3, resetsAfterProduct: false)),
  ]

  @Test(arguments: pairs.indices, [false, true])
  func fusedOperatorsEqualTheirScans(index: Int, isReversed: Bool) throws {
    let pair = Self.pairs[index]
    let test = try CellCase(pair.twin, isReversed: isReversed)
    var context = test.context
    let fused = try fusedSteps(pair, test, isReversed, &context)
    let weights = try context.graph.constant(.random([2, 5, 3], seed: 55))
    func loss(_ steps: ValueID) throws -> ValueID {
      try context.apply("ReduceSum", context.apply("Mul", steps, weights))
    }
    let losses = [try loss(test.output.steps), try loss(fused)]
    let parameters = [test.x] + context.graph.trainableVariables
    var fetches = [test.output.steps, fused]
    for loss in losses {
      fetches += try context.graph.gradients(of: loss, withRespectTo: parameters)
    }
    let feeds = [test.x: Tensor.random([2, 5, 2], seed: 8)]
    var interpreter = ReferenceInterpreter(context.graph, precision: .double)
    let exact = try interpreter.run(fetches, feeds: feeds)
    let engine = try Session(context.graph).run(fetches, feeds: feeds)
    #expect(largestError(exact[1], exact[0]) < 1e-12)
    #expect(largestError(engine[1], engine[0]) < 1e-5)
    for position in parameters.indices {
      let (twin, own) = (2 + position, 2 + parameters.count + position)
      let name = context.graph[parameters[position]].name
      #expect(largestError(exact[own], exact[twin]) < 1e-10, "\(name)")
      #expect(largestError(engine[own], engine[twin]) < 1e-5, "\(name)")
      #expect(largestError(engine[twin], exact[twin].narrowed) < 1e-5, "\(name)")
      #expect(numbers(exact[twin]).contains { abs($0) > 1e-3 }, "\(name) has no gradient")
    }
  }

  /// The operator over the twin's variables, [N, T, H].
  private func fusedSteps(
    _ pair: Pair,
    _ test: CellCase,
    _ isReversed: Bool,
    _ context: inout LayerContext
  ) throws -> ValueID {
    func withDirection(_ id: ValueID) throws -> ValueID {
      try context.apply("Unsqueeze", id, context.vector([0]))
    }
    let count = 3 * pair.cell.gateCount
    var recurrentBias = try context.graph.constant(Tensor(zeros: .float32, [count]))
    if let own = try? test.variable("recurrent_bias") {
      let zeros = try context.graph.constant(Tensor(zeros: .float32, [count - 3]))
      recurrentBias = try context.apply("Concat", zeros, own, attributes: ["axis": .int(0)])
    }
    let bias = try context.apply(
      "Concat",
      test.variable("bias"),
      recurrentBias,
      attributes: ["axis": .int(0)]
    )
    var attributes = pair.attributes
    attributes["hidden_size"] = .int(3)
    attributes["direction"] = .string(isReversed ? "reverse" : "forward")
    let x = try context.apply("Transpose", test.x, attributes: ["perm": .ints([1, 0, 2])])
    let y = try context.graph.apply1(
      pair.cell.op,
      [
        x, withDirection(test.variable("input_weight")),
        withDirection(test.variable("recurrent_weight")), withDirection(bias),
      ],
      attributes
    )
    let flat = try context.apply("Squeeze", y, context.vector([1]))
    return try context.apply("Transpose", flat, attributes: ["perm": .ints([1, 0, 2])])
  }
}

extension Tensor {
  /// float64 as float32.
  fileprivate var narrowed: Tensor { Tensor(elements(of: Double.self).map { Float($0) }, shape) }
}

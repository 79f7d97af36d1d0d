import Autodiff
import Engine
import GraphIR
import Tensors
import Testing
import Training

@Suite struct OptimizerTests {
  /// An optimiser with the steps that PyTorch's makes.
  struct Case: Sendable, CustomStringConvertible {
    var description: String
    var optimizer: any Optimizer
    var steps: [[Double]]
  }

  static let cases = [
    Case(description: "SGD", optimizer: SGD(), steps: OptimizerFixtures.sgd),
    Case(
      description: "SGD, decay",
      optimizer: SGD(decay: 0.05),
      steps: OptimizerFixtures.sgdDecay
    ),
    Case(
      description: "momentum, decay",
      optimizer: Momentum(0.9, decay: 0.05),
      steps: OptimizerFixtures.momentum
    ),
    Case(
      description: "Nesterov",
      optimizer: Momentum(0.9, isNesterov: true),
      steps: OptimizerFixtures.nesterov
    ),
    Case(description: "Adam", optimizer: Adam(), steps: OptimizerFixtures.adam),
    Case(
      description: "Adam, decay",
      optimizer: Adam(beta1: 0.8, beta2: 0.99, epsilon: 1e-4, decay: 0.05),
      steps: OptimizerFixtures.adamDecay
    ),
    Case(
      description: "AdamW",
      optimizer: Adam.adamW(decay: 0.05),
      steps: OptimizerFixtures.adamW
    ),
  ]

  /// A graph with one step of f(w) = sum(a w^2 / 2 + cos(w)).
  private struct Program {
    var graph = Graph()
    let w: ValueID
    let rate: ValueID
    var updates: [ValueID]

    init(
      _ optimizer: any Optimizer,
      clipping: GradientClipping = .none,
      isDecayed: Bool = true
    ) throws {
      w = try graph.variable("w", Tensor(vector: [Float(1), -2, 0.5]))
      let a = try graph.constant(Tensor(vector: [Float(1), 3, 0.5]))
      let half = try graph.constant(Tensor(scalar: Float(0.5)))
      let square = try graph.apply1("Mul", [a, graph.apply1("Mul", [w, w])])
      let f = try graph.apply1(
        "Add",
        [graph.apply1("Mul", [square, half]), graph.apply1("Cos", [w])]
      )
      let gradient = try graph.gradients(of: f, withRespectTo: [w])[0]
      rate = try graph.placeholder("learning_rate", .float32, [])
      var parameters = [
        TrainedParameter(variable: w, gradient: gradient, isDecayed: isDecayed)
      ]
      let scale = try clipping.apply(to: &parameters, in: &graph)
      updates = try optimizer.addUpdates(of: parameters, rate: rate, scale: scale, to: &graph)
    }
  }

  @Test(arguments: cases)
  func tenStepsAsPyTorch(_ fixture: Case) throws {
    let program = try Program(fixture.optimizer)
    let session = try Session(program.graph)
    var interpreter = ReferenceInterpreter(program.graph, precision: .double)
    let feeds = [program.rate: Tensor(scalar: Float(0.1))]
    for (step, expected) in fixture.steps.enumerated() {
      _ = try session.run([], feeds: feeds, targets: program.updates)
      _ = try interpreter.run(program.updates, feeds: feeds)
      let engine = try session.value(of: program.w).elements(of: Float.self)
      let exact = try #require(interpreter.variables[program.w]).elements(of: Double.self)
      for index in expected.indices {
        #expect(abs(Double(engine[index]) - expected[index]) < 1e-5, "step \(step)")
        // Rates and coefficients are float32 numbers.
        #expect(abs(exact[index] - expected[index]) < 1e-6, "step \(step), reference")
      }
    }
  }

  @Test func parametersThatDoNotDecayKeepTheirSize() throws {
    let program = try Program(SGD(decay: 0.05), isDecayed: false)
    let session = try Session(program.graph)
    _ = try session.run(
      [],
      feeds: [program.rate: Tensor(scalar: Float(0.1))],
      targets: program.updates
    )
    let values = try session.value(of: program.w).elements(of: Float.self)
    for (value, expected) in zip(values, OptimizerFixtures.sgd[0]) {
      #expect(abs(Double(value) - expected) < 1e-6)
    }
  }

  @Test(arguments: cases)
  func convergesOnAConvexToy(_ fixture: Case) throws {
    var graph = Graph()
    let w = try graph.variable("w", Tensor(vector: [Float(3), -4]))
    let target = try graph.constant(Tensor(vector: [Float(1), 2]))
    let difference = try graph.apply1("Sub", [w, target])
    let loss = try graph.apply1("Mul", [difference, difference])
    let gradient = try graph.gradients(of: loss, withRespectTo: [w])[0]
    let rate = try graph.placeholder("learning_rate", .float32, [])
    let updates = try fixture.optimizer.addUpdates(
      of: [TrainedParameter(variable: w, gradient: gradient, isDecayed: false)],
      rate: rate,
      scale: nil,
      to: &graph
    )
    let session = try Session(graph)
    for step in 0..<400 {
      let value = Tensor(scalar: Float(step < 200 ? 0.1 : 0.005))
      _ = try session.run([], feeds: [rate: value], targets: updates)
    }
    let end = try session.value(of: w).elements(of: Float.self)
    #expect(abs(end[0] - 1) < 0.02 && abs(end[1] - 2) < 0.02, "\(end)")
  }

  @Test func stateIsNamedAfterOptimizerAndVariable() throws {
    let program = try Program(Adam())
    let names = program.graph.variables.map { program.graph[$0].name }
    #expect(names == ["w", "adam/step", "adam/w/m", "adam/w/v"])
    #expect(program.graph.trainableVariables == [program.w])
  }

  /// The gradient at the start is a w - sin(w) = [0.1585, -5.0907, -0.2294].
  @Test func clippingBoundsTheStep() throws {
    func step(_ clipping: GradientClipping) throws -> [Float] {
      let program = try Program(SGD(), clipping: clipping)
      let session = try Session(program.graph)
      _ = try session.run(
        [],
        feeds: [program.rate: Tensor(scalar: Float(1))],
        targets: program.updates
      )
      let values = try session.value(of: program.w).elements(of: Float.self)
      return zip([Float(1), -2, 0.5], values).map { $0 - $1 }
    }
    let plain = try step(.none)
    let norm = plain.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let byValue = try step(.value(0.2))
    #expect(abs(byValue[0] - plain[0]) < 1e-6)
    #expect(abs(byValue[1] + 0.2) < 1e-6 && abs(byValue[2] + 0.2) < 1e-6)
    for clipping in [GradientClipping.norm(2), .globalNorm(2)] {
      for (clipped, free) in zip(try step(clipping), plain) {
        #expect(abs(clipped - free * 2 / norm) < 1e-5)
      }
    }
    #expect(try step(.globalNorm(100)) == plain)
  }

  @Test func globalNormScalesAllGradientsByOneFactor() throws {
    var graph = Graph()
    let a = try graph.variable("a", Tensor(vector: [Float(0)]))
    let b = try graph.variable("b", Tensor(vector: [Float(0)]))
    var parameters = try [
      TrainedParameter(
        variable: a,
        gradient: graph.constant(Tensor(vector: [Float(3)])),
        isDecayed: false
      ),
      TrainedParameter(
        variable: b,
        gradient: graph.constant(Tensor(vector: [Float(4)])),
        isDecayed: false
      ),
    ]
    let scale = try #require(try GradientClipping.globalNorm(1).apply(to: &parameters, in: &graph))
    let session = try Session(graph)
    let value = try session.run([scale], feeds: [:])[0].elements(of: Float.self)
    #expect(abs(value[0] - 0.2) < 1e-6)
  }

  @Test func aLimitOfZeroIsRefused() throws {
    #expect(throws: GraphError.self) { try Program(SGD(), clipping: .value(0)) }
  }
}

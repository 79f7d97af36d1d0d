import GraphIR
import NN
import Tensors
import Testing
import Training

@Suite struct GradientCheckTests {
  private static let feed = Tensor([Float(0.3), -0.7, 0.9, 0.2], [2, 2])

  @Test func aRightGradientIsGreat() throws {
    var context = LayerContext(mode: .training, seed: 2)
    let x = try context.graph.placeholder("x", .float32, ["N", 2])
    let y = try Dense("dense", 3, activation: .tanh)(x, in: &context)
    let loss = try Loss.meanSquaredError(
      predictions: y,
      targets: context.scalar(0.5),
      in: &context
    )
    let report = try GradientCheck.run(
      context.graph,
      loss: loss,
      parameters: context.graph.trainableVariables,
      feeds: [x: Self.feed]
    )
    #expect(report.verdict == .great)
    #expect(Set(report.parameters.map(\.name)) == ["dense/weight", "dense/bias"])
  }

  /// Floor has no gradient; a linear function through its steps does, and the check sees the difference at the step.
  @Test func aWrongGradientNamesParameterAndElement() throws {
    var context = LayerContext(mode: .training)
    let good = try context.variable("good", [2], .constant(0.5))
    let bad = try context.graph.variable("bad", Tensor(vector: [Float(0.5), 1, 0.25]))
    let steps = try context.apply(
      "ReduceSum",
      context.apply("Floor", bad),
      attributes: ["keepdims": .int(0)]
    )
    let squares = try context.apply("ReduceSumSquare", good, attributes: ["keepdims": .int(0)])
    let loss = try context.apply("Add", steps, squares)
    let report = try GradientCheck.run(context.graph, loss: loss, parameters: [good, bad])
    #expect(report.verdict == .wrong)
    #expect(report.parameters[0].name == "bad")
    #expect(report.parameters[0].worstElement == 1)
    #expect("\(report)".contains("bad"))
  }

  @Test func verdicts() {
    #expect(GradientCheck.Verdict(error: 1e-8) == .great)
    #expect(GradientCheck.Verdict(error: 1e-6) == .acceptable)
    #expect(GradientCheck.Verdict(error: 1e-4) == .suspicious)
    #expect(GradientCheck.Verdict(error: 1e-2) == .wrong)
    #expect(GradientCheck.Verdict(error: .infinity) == .wrong)
  }

  @Test func activeDropoutIsRefusedAndInferenceIsNot() throws {
    for mode in [BuildMode.training, .inference] {
      var context = LayerContext(mode: mode)
      let x = try context.graph.placeholder("x", .float32, ["N", 2])
      let y = try Dropout(0.5)(Dense("dense", 2)(x, in: &context), in: &context)
      let loss = try context.apply("ReduceSumSquare", y, attributes: ["keepdims": .int(0)])
      let parameters = context.graph.trainableVariables
      if mode == .training {
        #expect {
          try GradientCheck.run(
            context.graph,
            loss: loss,
            parameters: parameters,
            feeds: [x: Self.feed]
          )
        } throws: { "\($0)".contains("Dropout") }
      } else {
        let report = try GradientCheck.run(
          context.graph,
          loss: loss,
          parameters: parameters,
          feeds: [x: Self.feed]
        )
        #expect(report.verdict == .great)
      }
    }
  }

  @Test func aLossThatIsNoScalarIsRefused() throws {
    var graph = Graph()
    let x = try graph.variable("x", Tensor(vector: [Float(1), 2]))
    let y = try graph.apply1("Exp", [x])
    #expect(throws: TrainingError.self) {
      try GradientCheck.run(graph, loss: y, parameters: [x])
    }
  }
}

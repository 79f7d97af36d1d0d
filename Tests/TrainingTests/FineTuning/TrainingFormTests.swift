import Datasets
import GraphIR
import Tensors
import Testing

@testable import Training

@Suite struct TrainingFormTests {
  private static func form(
    _ graph: Graph,
    frozen: [String] = [],
    dropout: DropoutChoice = .off
  ) throws -> (form: TrainingForm, model: FineTunableModel) {
    let model = try FineTunableModel(graph)
    let all = Set(model.layers.flatMap(\.variables))
    let trained = all.subtracting(try ModelLayer.variables(matching: frozen, in: model.layers))
    let head = try model.head().node
    let form = try TrainingForm(
      of: model.network,
      output: model.graph[model.tail.logits].name,
      trained: trained,
      dropout: dropout,
      head: model.graph[head].name
    )
    return (form, model)
  }

  private static func mode(_ form: TrainingForm) throws -> Int? {
    try form.graph.nodes.first { $0.op == "BatchNormalization" }?
      .int("training_mode", default: 0)
  }

  @Test func batchNormalizationTrainsUnlessItsLayerIsFrozen() throws {
    let graph = try SmallModels.convolutional()
    let (trained, _) = try Self.form(graph, frozen: ["conv*"])
    #expect(try Self.mode(trained) == 1)
    #expect(
      trained.updates.map { trained.graph[$0.variable].name }
        == ["norm2/moving_mean", "norm2/moving_variance"]
    )
    let (frozen, _) = try Self.form(graph, frozen: ["norm2"])
    #expect(try Self.mode(frozen) == 0)
    #expect(frozen.updates.isEmpty)
  }

  @Test func runningStatisticsMoveWithTheBatches() throws {
    func statistics(_ freeze: [String]) throws -> [String: Tensor] {
      let tuning = try FineTuning(
        FineTunableModel(SmallModels.convolutional()),
        options: FineTuningOptions(
          freeze: freeze,
          epochs: 1,
          batchSize: 10,
          learningRate: .absolute(0),
          seed: 1
        ),
        training: SmallModels.pictures(10)
      )
      return try tuning.run().weights.filter { $0.key.contains("moving") }
    }
    let moved = try statistics([])
    #expect(moved["norm2/moving_mean"] != Tensor(zeros: .float32, [4]))
    // One step from variance 1 with momentum 0.9: at least 0.9 is left.
    let variances = try #require(moved["norm2/moving_variance"]).elements(of: Float.self)
    #expect(variances.allSatisfy { $0 >= 0.9 && $0 != 1 })
    let kept = try statistics(["norm2"])
    #expect(kept["norm2/moving_mean"] == Tensor(zeros: .float32, [4]))
    #expect(kept["norm2/moving_variance"] == Tensor(repeating: Float(1), [4]))
  }

  @Test func dropoutIsChosen() throws {
    func activeRatios(_ graph: Graph, _ choice: DropoutChoice) throws -> [Float?] {
      let (form, _) = try Self.form(graph, dropout: choice)
      return form.graph.nodes.filter { $0.op == "Dropout" }.compactMap { node -> Float?? in
        guard node.inputs.count > 2, let mode = node.inputs[2],
          form.graph.constant(mode)?.elements(of: Bool.self).first == true
        else { return nil }
        return .some(
          node.inputs[1].flatMap { form.graph.constant($0)?.elements(of: Float.self).first }
        )
      }
    }
    let file = try SmallModels.dense(outputs: 3)
    #expect(try activeRatios(file, .off) == [])
    #expect(try activeRatios(file, .asInFile) == [0.5])
    #expect(try activeRatios(file, .rate(0.25)) == [0.25])
    let ours = try SmallModels.convolutional()
    #expect(try activeRatios(ours, .asInFile) == [])
    #expect(try activeRatios(ours, .rate(0.25)) == [0.25])
  }

  @Test func dropoutOfTheFileChangesTheTraining() throws {
    func weights(_ dropout: DropoutChoice) throws -> [String: Tensor] {
      let data = SmallModels.rows(16, width: 1) { [$0[0]] }
      return try FineTuning(
        FineTunableModel(SmallModels.dense(outputs: 1)),
        options: FineTuningOptions(task: .regression, dropout: dropout, epochs: 1, seed: 3),
        training: data
      ).run().weights
    }
    #expect(try weights(.asInFile) != weights(.off))
    #expect(try weights(.asInFile) == weights(.asInFile))
  }
}

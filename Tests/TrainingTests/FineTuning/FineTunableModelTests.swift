import Datasets
import Engine
import GraphIR
import Tensors
import Testing

@testable import Training

@Suite struct FineTunableModelTests {
  @Test func findsLogitsTailHeadAndLayersOfOurModels() throws {
    let graph = try SmallModels.convolutional()
    let model = try FineTunableModel(graph)
    #expect(graph[model.tail.logits].name == "logits")
    #expect(model.tail.node.map { graph[$0].op } == "Softmax")
    #expect(model.classCount == 3)
    let head = try model.head()
    #expect(graph[head.node].name == "outputs/Gemm")
    #expect(head.classCount == 3)
    #expect(model.layers.map(\.name) == ["conv1", "conv2", "norm2", "dense1", "outputs"])
    // 3x1x3x3 + 3, 4x3x3x3, 2x4, 16x8 + 8, 8x3 + 3.
    #expect(model.layers.map(\.parameterCount) == [30, 108, 8, 136, 27])
    #expect(model.layers[2].variables == ["norm2/scale", "norm2/bias"])
  }

  @Test func aGivenNameForTheLogitsIsTaken() throws {
    let model = try FineTunableModel(SmallModels.convolutional(), logits: "logits")
    #expect(model.tail.node.map { model.graph[$0].op } == "Softmax")
    #expect {
      try FineTunableModel(SmallModels.convolutional(), logits: "scores")
    } throws: { "\($0)".contains("'scores'") }
  }

  @Test func aFixedBatchIsFreedAndAnswersTheSame() throws {
    let graph = try SmallModels.foreign()
    let model = try FineTunableModel(graph)
    let network = model.network
    #expect(network[network.inputs[0]].type.shape == ["N", 1, 6, 6])
    #expect(network[network.outputs[0]].type.shape == ["N", 3])
    let rows = SmallModels.pictures(5).features
    let together = try Session(network).run(network.outputs, feeds: [network.inputs[0]: rows])[0]
    let session = try Session(graph)
    var alone: [Float] = []
    for row in 0..<5 {
      let feed = [graph.inputs[0]: rows.gatheringRows([row])]
      alone += try session.run(graph.outputs, feeds: feed)[0].elements(of: Float.self)
    }
    #expect(zip(together.elements(of: Float.self), alone).allSatisfy { abs($0 - $1) < 1e-5 })
    // The head is found through the reshape of its weights; layers stand where they are used.
    #expect(try model.head().classCount == 3)
    #expect(
      model.layers.map(\.name) == ["Parameter5", "Parameter6", "Parameter193", "Parameter194"]
    )
  }

  @Test func aGraphThatNeedsItsFixedBatchIsRefused() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [1, 4])
    let weights = try graph.variable("w", Tensor(repeating: Float(1), [4, 2]))
    let y = try graph.apply1("MatMul", [x, weights])
    // The mean over the whole batch: larger batches give other answers.
    let mean = try graph.apply1(
      "ReduceMean",
      [y, graph.constant(Tensor(vector: [0] as [Int64]))],
      ["keepdims": .int(1)],
      name: "over_rows"
    )
    graph.outputs = [try graph.apply1("Add", [y, mean])]
    #expect {
      try FineTunableModel(graph)
    } throws: { "\($0)".contains("batches of 1") }
  }

  @Test func graphsThatTrainingCannotStartFromAreNamed() throws {
    var two = Graph()
    let a = try two.placeholder("a", .float32, ["N", 2])
    let b = try two.placeholder("b", .float32, ["N", 2])
    two.outputs = [try two.apply1("Add", [a, b])]
    #expect {
      try FineTunableModel(two)
    } throws: { "\($0)".contains("2 inputs (a, b)") }

    var integers = Graph()
    let tokens = try integers.placeholder("tokens", .int64, ["N", 2])
    integers.outputs = [try integers.apply1("Neg", [tokens])]
    #expect {
      try FineTunableModel(integers)
    } throws: { "\($0)".contains("tokens is int64[N,2], expected float32") }

    var constant = Graph()
    let x = try constant.placeholder("x", .float32, ["N", 2])
    let weights = try constant.constant(Tensor(repeating: Float(1), [2, 2]))
    constant.outputs = [try constant.apply1("MatMul", [x, weights], name: "product")]
    #expect {
      try FineTunableModel(constant)
    } throws: { "\($0)".contains("nothing that computes product is a weight") }

    var several = try SmallModels.dense(outputs: 2)
    let other = try several.apply1("Neg", [several.outputs[0]], name: "other")
    several.outputs.append(other)
    #expect {
      try FineTunableModel(several)
    } throws: { "\($0)".contains("(last, other)") }
  }

  @Test(arguments: [
    ("conv*", ["conv1/weight", "conv1/bias", "conv2/weight"]),
    ("*/bias", ["conv1/bias", "norm2/bias", "dense1/bias", "outputs/bias"]),
    ("norm?", ["norm2/scale", "norm2/bias"]), ("dense1/weight", ["dense1/weight"]),
  ])
  func patternsNameLayersOrVariables(_ pattern: String, _ expected: [String]) throws {
    let layers = try FineTunableModel(SmallModels.convolutional()).layers
    #expect(try ModelLayer.variables(matching: [pattern], in: layers) == Set(expected))
  }

  @Test func aPatternWithoutAMatchListsTheLayers() throws {
    let layers = try FineTunableModel(SmallModels.convolutional()).layers
    #expect(throws: FineTuningError.freeze(pattern: "cnov*", layers: layers.map(\.name))) {
      try ModelLayer.variables(matching: ["conv*", "cnov*"], in: layers)
    }
  }

  @Test(arguments: [
    ("*", "", true), ("*", "a/b", true), ("a*c", "abbc", true), ("a*c", "abcb", false),
    ("a?c", "abc", true), ("a?c", "ac", false), ("*a*b", "xaxxab", true), ("", "a", false),
    ("**", "a", true), ("a", "a", true), ("a*", "b", false),
  ])
  func globs(_ pattern: String, _ name: String, _ isMatch: Bool) {
    #expect(GlobPattern(pattern).matches(name) == isMatch)
  }

  @Test func layerNamesEndAtTheLastSeparator() {
    #expect(ModelLayer.layerName(of: "features.0.weight") == "features.0")
    #expect(ModelLayer.layerName(of: "block/conv.1/bias") == "block/conv.1")
    #expect(ModelLayer.layerName(of: "Parameter5") == "Parameter5")
    #expect(ModelLayer.layerName(of: "/w") == "/w")
  }

  @Test func theServingGraphKeepsEverythingButTheWeights() throws {
    let graph = try SmallModels.foreign()
    let model = try FineTunableModel(graph)
    let fresh = Tensor(repeating: Float(0.25), [1, 3])
    let served = try model.servingGraph(weights: ["Parameter194": fresh])
    #expect(served.nodes.map(\.name) == graph.nodes.map(\.name))
    #expect(served.inputs.map { served[$0].name } == ["Input3"])
    #expect(served[served.inputs[0]].type.shape == [1, 1, 6, 6])
    #expect(served.outputs.map { served[$0].name } == graph.outputs.map { graph[$0].name })
    #expect(served.variables.isEmpty)
    #expect(served.value(named: "Parameter194").flatMap { served.constant($0) } == fresh)
  }
}

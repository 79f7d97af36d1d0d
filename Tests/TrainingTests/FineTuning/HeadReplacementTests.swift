import GraphIR
import Tensors
import Testing

@testable import Training

@Suite struct HeadReplacementTests {
  @Test func aNewHeadHasTheOldNamesAndNewShapes() throws {
    let model = try FineTunableModel(SmallModels.convolutional())
    let changed = try model.adapted(classCount: 5, task: .classification, seed: 1)
    let graph = changed.graph
    #expect(changed.classCount == 5)
    #expect(graph.outputs.map { graph[$0].name } == ["logits", "probabilities"])
    #expect(graph.outputs.map { graph[$0].type.shape } == [["N", 5], ["N", 5]])
    let weight = try #require(graph.value(named: "outputs/weight"))
    let bias = try #require(graph.value(named: "outputs/bias"))
    #expect(graph[weight].type.shape == [8, 5] && graph.isTrainable(weight))
    guard case .variable(let values, _) = graph[bias].source else {
      Issue.record("the bias is no variable")
      return
    }
    #expect(values == Tensor(zeros: .float32, [5]))
    // Everything else is as it was.
    for name in ["conv1/weight", "norm2/moving_mean", "dense1/bias"] {
      let (old, new) = (model.graph.value(named: name), graph.value(named: name))
      guard case .variable(let before, _)? = old.map({ model.graph[$0].source }),
        case .variable(let after, _)? = new.map({ graph[$0].source })
      else {
        Issue.record("\(name) is missing")
        continue
      }
      #expect(before == after)
    }
    let again = try model.adapted(classCount: 5, task: .classification, seed: 1)
    let other = try model.adapted(classCount: 5, task: .classification, seed: 2)
    func weights(_ model: FineTunableModel) -> Tensor? {
      guard
        case .variable(let initial, _)? = model.graph.value(named: "outputs/weight")
          .map({ model.graph[$0].source })
      else { return nil }
      return initial
    }
    #expect(weights(again) == weights(changed))
    #expect(weights(other) != weights(changed))
  }

  @Test func aForeignHeadIsReplacedBehindItsReshape() throws {
    let model = try FineTunableModel(SmallModels.foreign())
    let changed = try model.adapted(classCount: 7, task: .classification, seed: 1)
    #expect(changed.classCount == 7)
    #expect(changed.graph[changed.graph.outputs[0]].type.shape == [1, 7])
    let weight = try #require(changed.graph.value(named: "Parameter193"))
    #expect(changed.graph[weight].type.shape == [36, 7])
    #expect(changed.graph.nodes.allSatisfy { $0.name != "Times212_reshape1" })
  }

  @Test func transposedAndConvolutionalHeadsAreFound() throws {
    let transposed = try FineTunableModel(SmallModels.dense(outputs: 2))
    let changed = try transposed.adapted(classCount: 4, task: .classification, seed: 1)
    let weight = try #require(changed.graph.value(named: "net.3.weight"))
    #expect(changed.graph[weight].type.shape == [4, 6])

    // SqueezeNet's tail: 1x1 convolution, global average, flattened by a constant shape.
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, ["N", 2, 4, 4])
    let kernel = try graph.variable("conv10/weight", Tensor(repeating: Float(0.1), [3, 2, 1, 1]))
    let bias = try graph.variable("conv10/bias", Tensor(zeros: .float32, [3]))
    let scores = try graph.apply1("Relu", [graph.apply1("Conv", [x, kernel, bias])])
    let shape = try graph.constant(Tensor(vector: [-1, 3] as [Int64]))
    let flat = try graph.apply1("Reshape", [graph.apply1("GlobalAveragePool", [scores]), shape])
    graph.outputs = [try graph.apply1("Softmax", [flat], name: "probabilities")]
    let squeezed = try FineTunableModel(graph).adapted(
      classCount: 6,
      task: .classification,
      seed: 1
    )
    #expect(squeezed.classCount == 6)
    #expect(squeezed.graph[squeezed.graph.outputs[0]].type.shape.dimensions?.last == 6)
  }

  @Test func theTailFollowsTheTask() throws {
    func tail(_ op: OperatorName?, _ classCount: Int?, _ task: FineTuningTask) throws -> String? {
      let model = try FineTunableModel(SmallModels.dense(outputs: 3, tail: op))
        .adapted(classCount: classCount, task: task, seed: 1)
      return model.graph.nodes.first { $0.name == "tail" }?.op.name
    }
    #expect(try tail("Softmax", nil, .classification) == "Softmax")
    #expect(try tail("LogSoftmax", 4, .classification) == "LogSoftmax")
    #expect(try tail("Sigmoid", nil, .classification) == "Softmax")
    #expect(try tail("Softmax", nil, .multiLabel) == "Sigmoid")
    #expect(try tail("Softmax", 2, .regression) == "Identity")
    #expect(try tail("Sigmoid", nil, .regression) == "Sigmoid")
    #expect(try tail(nil, 2, .multiLabel) == nil)
  }

  @Test func headsThatCannotBeReplacedSayWhy() throws {
    func message(_ graph: Graph, _ classCount: Int? = 5) -> String {
      do {
        _ = try FineTunableModel(graph)
          .adapted(classCount: classCount, task: .classification, seed: 1)
        return "nothing"
      } catch { return "\(error)" }
    }
    var blocked = try SmallModels.dense(outputs: 3)
    blocked.outputs = [try blocked.apply1("Exp", [blocked.outputs[0]], name: "exponential")]
    #expect(message(blocked).contains("node exponential (Exp) stands between"))

    // A constant for each class behind the head: nobody knows those of new classes.
    var scaled = try SmallModels.dense(outputs: 3)
    let prior = try scaled.constant(Tensor(vector: [1, 2, 3] as [Float]))
    scaled.outputs = [try scaled.apply1("Softmax", [scaled.outputs[0]])]
    scaled.outputs = [try scaled.apply1("Mul", [scaled.outputs[0], prior], name: "priors")]
    do {
      let model = try FineTunableModel(scaled, logits: "last")
      #expect {
        try model.adapted(classCount: 5, task: .classification, seed: 1)
      } throws: { "\($0)".contains("node priors (Mul) does not fit 5 classes") }
    }
    #expect(message(try SmallModels.dense(outputs: 1), nil).contains("needs 2 classes or more"))
    #expect(message(try SmallModels.dense(outputs: 3), 0).contains("0 classes"))

    // One matrix for two layers.
    var tied = Graph()
    let x = try tied.placeholder("x", .float32, ["N", 3])
    let w = try tied.variable("w", Tensor(repeating: Float(1), [3, 3]))
    tied.outputs = [try tied.apply1("MatMul", [tied.apply1("MatMul", [x, w]), w], name: "second")]
    #expect(message(tied).contains("node second (MatMul) shares its weights w"))
  }
}

import GraphIR
import NN
import TestSupport
import Tensors
import Testing
import Training
import Zoo

@Suite struct ArchitectureTests {
  struct Expectation: Sendable, CustomStringConvertible {
    var architecture: any Architecture
    var parameters: Int
    var description: String { "\(type(of: architecture))" }
  }

  static let expectations = [
    Expectation(architecture: Perceptron(), parameters: 3),
    Expectation(architecture: Perceptron(hiddenUnits: 4), parameters: 4 * 3 + 5),
    Expectation(architecture: MLP.ofTheNotes, parameters: 785 * 300 + 301 * 100 + 101 * 10),
    // Batch normalisation has a scale and a bias for each unit; the layers before it have no bias.
    Expectation(
      architecture: MLP.regularised,
      parameters: 784 * 300 + 600 + 300 * 100 + 200 + 101 * 10
    ),
    Expectation(architecture: LeNet5(), parameters: 61_706),
    Expectation(architecture: FashionCNN(), parameters: 131_050),
    Expectation(
      architecture: NotesCNN128(),
      parameters: 26 * 32 + 801 * 32 + (32 * 32 * 32 + 1) * 1024 + 1025 * 10
    ),
  ]

  @Test(arguments: expectations)
  func hasTheDocumentedShapesAndParameters(_ expected: Expectation) throws {
    for mode in [BuildMode.training, .inference] {
      var context = LayerContext(mode: mode, drawsInitialValues: false)
      let sizes = expected.architecture.inputSizes.map(Dimension.known)
      let x = try context.graph.placeholder("x", .float32, PartialShape([.symbol("N")] + sizes))
      let logits = try expected.architecture.logits(of: x, in: &context)
      #expect(
        context.graph[logits].type
          == ValueType(.float32, [.symbol("N"), .known(expected.architecture.classCount)])
      )
      let count = context.graph.trainableVariables.reduce(0) {
        $0 + (context.graph[$1].type.shape.concrete?.elementCount ?? 0)
      }
      #expect(count == expected.parameters)
    }
  }

  @Test func aServingGraphAnswersWithTheTrainedWeights() throws {
    let classifier = Classifier(
      MLP(inputs: 6, hidden: [5], classCount: 3, activation: .relu),
      seed: 1
    )
    var weights: [String: Tensor] = [:]
    for (name, shape) in [
      ("hidden1/weight", [6, 5]), ("hidden1/bias", [5]), ("outputs/weight", [5, 3]),
      ("outputs/bias", [3]),
    ] as [(String, Shape)] {
      weights[name] = Tensor.random(shape, seed: UInt64(name.utf8.count))
    }
    let graph = try classifier.servingGraph(weights: weights)
    #expect(graph.inputs.map { graph[$0].name } == ["input"])
    #expect(graph.outputs.map { graph[$0].name } == ["logits", "probabilities"])
    for variable in graph.variables {
      guard case .variable(let initial, _) = graph[variable].source else { continue }
      #expect(initial == weights[graph[variable].name])
    }
    weights["outputs/bias"] = nil
    #expect {
      try classifier.servingGraph(weights: weights)
    } throws: { "\($0)".contains("outputs/bias") }
  }
}

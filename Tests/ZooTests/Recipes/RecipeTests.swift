import Datasets
import Engine
import Foundation
import GraphIR
import NN
import ONNXFormat
import Storage
import Tensors
import TestSupport
import Testing
import Training
import Zoo

@Suite struct RecipeTests {
  private static func temporaryFolder() throws -> String {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder.path
  }

  /// Four idx files of pictures whose bright band tells the class.
  private static func writeDigits(_ folder: String, count: Int) throws {
    for prefix in ["train", "t10k"] {
      var images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 28, 0, 0, 0, 28]
      var labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, UInt8(count)]
      for index in 0..<count {
        labels.append(UInt8(index % 10))
        images += (0..<784).map { $0 / 28 / 2 == index % 10 ? 250 : UInt8($0 * 7 % 30) }
      }
      try Data(images).write(to: URL(fileURLWithPath: "\(folder)/\(prefix)-images-idx3-ubyte"))
      try Data(labels).write(to: URL(fileURLWithPath: "\(folder)/\(prefix)-labels-idx1-ubyte"))
    }
  }

  @Test func onePerceptronLearnsAndOrNandButNotXor() throws {
    let result = try #require(Recipes.named("perceptron")).run(RecipeRequest(dataFolder: "")) { _ in
    }
    for function in ["and", "or", "nand", "xor_hidden"] {
      #expect(result.metrics["\(function)_accuracy"] == 1, "\(function)")
    }
    #expect(try #require(result.metrics["xor_accuracy"]) < 1)
  }

  private static func lenet5() throws -> Graph {
    var context = LayerContext(mode: .inference, seed: 4)
    let input = try context.graph.placeholder("input", .float32, ["N", 1, 28, 28])
    context.graph.outputs = [try LeNet5().logits(of: input, in: &context)]
    return context.graph
  }

  /// At the sizes of a real network, where kernels work on blocks: the small graphs of TrainingTests fit into one.
  @Test(arguments: [["conv*"], ["conv*", "dense1"]])
  func precomputedFrozenLayersOfLeNet5GiveTheSameBits(_ freeze: [String]) throws {
    let folder = try Self.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.writeDigits(folder, count: 70)
    let data = try MNISTFolder.read(.mnist, in: folder).training.dataset
    func weights(_ byteCountMax: Int) throws -> [String: Tensor] {
      let options = FineTuningOptions(
        freeze: freeze,
        dropout: .rate(0.2),
        epochs: 2,
        batchSize: 32,
        frozenValuesByteCountMax: byteCountMax
      )
      let tuning = try FineTuning(
        FineTunableModel(Self.lenet5()),
        options: options,
        training: data
      )
      return try tuning.run().weights.filter { tuning.trainedVariables.contains($0.key) }
    }
    let cached = try weights(1 << 24)
    #expect(cached.count == (freeze.count == 1 ? 6 : 4))
    #expect(try weights(0) == cached)
  }

  @Test func transferComparesTheWaysOnTheSameDraws() throws {
    let folder = try Self.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.writeDigits(folder, count: 40)
    let parent = "\(folder)/parent/1"
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    try Data(ONNXWriter.bytes(of: Self.lenet5()))
      .write(to: URL(fileURLWithPath: "\(parent)/model.onnx"))
    let recipe = TransferRecipe(parentFolder: parent, runCount: 2)
    var lines: [String] = []
    let request = RecipeRequest(dataFolder: folder, epochs: 2)
    let result = try recipe.run(request) { event in
      if case .message(let line) = event { lines.append(line) }
    }
    #expect(
      result.metrics.keys.filter { $0.hasSuffix("_accuracy") }.sorted() == [
        "frozen_conv1_accuracy", "frozen_trunk_accuracy", "scratch_accuracy",
      ]
    )
    // A head, a line for each seed, a line for each way.
    #expect(lines.count == 1 + 2 + 3)
    #expect(try recipe.run(request) { _ in }.metrics == result.metrics)
  }

  @Test func oddDigitsAreLearntFromEvenOnes() throws {
    let labels = Tensor(vector: (0..<10).map(Int64.init))
    let digits = Dataset(
      features: Tensor((0..<10).map(Float.init), Shape([10, 1])),
      labels: labels
    )
    let odd = DigitsTransferRecipe.half(digits, odd: true)
    #expect(odd.features.elements(of: Float.self) == [1, 3, 5, 7, 9])
    #expect(odd.labels.elements(of: Int64.self) == [0, 1, 2, 3, 4])
    #expect(
      DigitsTransferRecipe.half(digits, odd: false).features.elements(of: Float.self)
        == [0, 2, 4, 6, 8]
    )
    let folder = try Self.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.writeDigits(folder, count: 40)
    let recipe = DigitsTransferRecipe(runCount: 1)
    let request = RecipeRequest(dataFolder: folder, epochs: 1)
    let metrics = try recipe.run(request) { _ in }.metrics
    #expect(
      metrics.keys.contains("frozen_trunk_accuracy") && metrics.keys.contains("scratch_accuracy")
    )
    #expect(try recipe.run(request) { _ in }.metrics == metrics)
  }

  @Test func namesAreUniqueAndFound() {
    let names = Recipes.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.contains("mnist-mlp") && names.contains("lenet5"))
    #expect(Recipes.named("no-such-recipe") == nil)
  }

  @Test func aRecipeWritesAFolderThatAnswersAsItSays() throws {
    let folder = try Self.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.writeDigits(folder, count: 60)
    let path = "\(folder)/models/digits/1"
    try FileManager.default.createDirectory(
      atPath: "\(folder)/models",
      withIntermediateDirectories: true
    )
    let request = RecipeRequest(dataFolder: folder, modelFolder: path, epochs: 12, seed: 3)
    let result = try #require(Recipes.named("mnist-mlp")).run(request) { _ in }
    #expect(result.modelFolder == path)

    let opened = try ModelFolder.open(path)
    #expect(opened.manifest.name == "digits")
    #expect(opened.manifest.task == "classification")
    #expect(opened.manifest.labels?.count == 10)
    #expect(opened.manifest.metrics == result.metrics)
    #expect(opened.manifest.training?.recipe == "mnist-mlp")
    #expect(opened.manifest.training?.seed == 3)
    #expect(opened.manifest.preprocessing?.image?.width == 28)
    let golden = try #require(try opened.golden())
    let graph = try opened.graph()
    #expect(graph.outputs.map { graph[$0].name } == ["logits", "probabilities"])
    let answers = try Session(graph).run(
      graph.outputs,
      feeds: [graph.inputs[0]: golden.inputs[0].tensor]
    )
    for (answer, expected) in zip(answers, golden.outputs) {
      #expect(largestError(answer, expected.tensor) < 1e-5)
    }
    // Bands are easy: the file's own graph must know them.
    #expect(try #require(result.metrics["test_accuracy"]) > 0.9)
    #expect(throws: FormatError.self) {
      try Recipes.named("mnist-mlp")?.run(request) { _ in }
    }
  }

  @Test func theNotesRecipeComparesEveryEpoch() throws {
    let folder = try Self.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Self.writeDigits(folder, count: 40)
    var lines: [String] = []
    let result = try NotesMLPRecipe().run(RecipeRequest(dataFolder: folder, epochs: 2)) { event in
      if case .message(let line) = event { lines.append(line) }
    }
    #expect(lines.count == 3)
    #expect(lines[1].contains("0.6420") && lines[2].contains("0.7824"))
    #expect(result.metrics["test_accuracy_epoch_1"] == result.metrics["test_accuracy"])
  }

  @Test func missingDataIsNamed() throws {
    #expect {
      try Recipes.named("lenet5")?.run(RecipeRequest(dataFolder: "/nowhere")) { _ in }
    } throws: { "\($0)".contains("/nowhere") }
  }
}

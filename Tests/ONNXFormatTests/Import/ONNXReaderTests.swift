import Engine
import Foundation
import GraphIR
import ONNXFormat
import TestSupport
import Tensors
import Testing

@Suite struct ONNXReaderTests {
  private func read(_ fill: (inout ModelBuilder) -> Void) throws -> Graph {
    var builder = ModelBuilder()
    fill(&builder)
    return try ONNXReader.graph(from: builder.bytes)
  }

  @Test func nodesInAnyOrderAreSorted() throws {
    let graph = try read {
      $0.input("x")
      $0.node("Neg", ["a"], ["y"])
      $0.node("Abs", ["x"], ["a"])
      $0.output("y")
    }
    #expect(graph.nodes.map(\.op.name) == ["Abs", "Neg"])
    var interpreter = ReferenceInterpreter(graph)
    let x = Tensor(vector: [-1, 2] as [Float])
    let y = try interpreter.run(graph.outputs, feeds: [graph.inputs[0]: x])
    #expect(y == [Tensor(vector: [-1, -2] as [Float])])
  }

  @Test func anInitialiserListedAsInputIsNoInput() throws {
    let graph = try read {
      $0.input("x")
      $0.input("w")
      $0.initializer("w", Tensor(vector: [1, 2] as [Float]))
      $0.node("Add", ["x", "w"], ["y"])
      $0.output("y")
    }
    #expect(graph.inputs.map { graph[$0].name } == ["x"])
    #expect(graph.variables.isEmpty)
  }

  @Test func weightsBecomeTrainableVariables() throws {
    var builder = ModelBuilder()
    builder.input("x", sizes: [1, 2])
    builder.initializer("w", Tensor([1, 2, 3, 4] as [Float], [4]))
    builder.initializer("shape", Tensor(vector: [2, 2] as [Int64]))
    builder.initializer("scale", Tensor(scalar: Float(0.5)))
    builder.initializer("bias", Tensor(vector: [1, 1] as [Float]))
    builder.node("Reshape", ["w", "shape"], ["matrix"])
    builder.node("MatMul", ["x", "matrix"], ["product"])
    builder.node("Mul", ["product", "scale"], ["scaled"])
    builder.node("Add", ["scaled", "bias"], ["y"])
    builder.output("y")
    let graph = try ONNXReader.graph(from: builder.bytes, initializersAs: .trainableVariables)
    #expect(Set(graph.trainableVariables.map { graph[$0].name }) == ["w", "bias"])
    let constants = try ONNXReader.graph(from: builder.bytes)
    #expect(constants.variables.isEmpty)
  }

  @Test func symbolsAndUnknownSizesAreKept() throws {
    var builder = ModelBuilder()
    builder.input("x", sizes: [-1, 3])
    builder.node("Abs", ["x"], ["y"])
    builder.output("y")
    let graph = try ONNXReader.graph(from: builder.bytes)
    #expect(graph[graph.inputs[0]].type.shape == [.unknown, 3])
  }

  /// Models that break a rule of ONNX.
  static let invalid: [(String, @Sendable (inout ModelBuilder) -> Void)] = [
    ("no outputs", { $0.input("x") }),
    ("output that nothing makes", { $0.output("y") }),
    (
      "undefined value",
      {
        $0.node("Abs", ["x"], ["y"]); $0.output("y")
      }
    ),
    (
      "cycle",
      {
        $0.node("Abs", ["b"], ["a"]); $0.node("Abs", ["a"], ["b"]); $0.output("a")
      }
    ),
    (
      "node that reads itself",
      {
        $0.node("Abs", ["a"], ["a"]); $0.output("a")
      }
    ),
    (
      "two producers",
      {
        $0.input("x"); $0.node("Abs", ["x"], ["y"]); $0.node("Neg", ["x"], ["y"]); $0.output("y")
      }
    ),
    (
      "output named like an input",
      {
        $0.input("x"); $0.node("Abs", ["x"], ["x"]); $0.output("x")
      }
    ),
    (
      "two initialisers of one name",
      {
        $0.initializer("w", Tensor(scalar: Float(1)))
        $0.initializer("w", Tensor(scalar: Float(1)))
        $0.output("w")
      }
    ),
    (
      "two inputs of one name",
      {
        $0.input("x"); $0.input("x"); $0.output("x")
      }
    ),
    (
      "output twice",
      {
        $0.input("x"); $0.output("x"); $0.output("x")
      }
    ),
    (
      "output of another type",
      {
        $0.input("x"); $0.node("Abs", ["x"], ["y"]); $0.output("y", dtype: 7)
      }
    ),
    (
      "huge input",
      {
        $0.input("x", sizes: [1 << 33, 1 << 33]); $0.output("x")
      }
    ),
    (
      "negative size",
      {
        $0.input("x", sizes: [-2]); $0.output("x")
      }
    ),
    (
      "rank 17",
      {
        $0.input("x", sizes: [Int](repeating: 1, count: 17)); $0.output("x")
      }
    ),
    (
      "too few operands",
      {
        $0.input("x"); $0.node("Add", ["x"], ["y"]); $0.output("y")
      }
    ),
    (
      "constant without a value",
      {
        $0.node("Constant", [], ["y"]); $0.output("y")
      }
    ),
    (
      "attribute twice",
      {
        let alpha = ModelBuilder.attribute("alpha", type: 1)
        $0.input("x")
        $0.node("LeakyRelu", ["x"], ["y"], attributes: [alpha, alpha])
        $0.output("y")
      }
    ),
  ]

  @Test(arguments: invalid.indices)
  func invalidModelsAreErrors(index: Int) {
    let (name, fill) = Self.invalid[index]
    #expect(throws: (any Error).self, "\(name)") { try read(fill) }
  }

  /// Models that are ONNX and not ours.
  static let unsupported: [(String, @Sendable (inout ModelBuilder) -> Void)] = [
    (
      "NoSuchOperator",
      {
        $0.input("x"); $0.node("NoSuchOperator", ["x"], ["y"], name: "n"); $0.output("y")
      }
    ),
    (
      "other domain",
      {
        $0.input("x"); $0.node("Abs", ["x"], ["y"], name: "n", domain: "com.other"); $0.output("y")
      }
    ),
    (
      "martlet domain",
      {
        $0.input("x"); $0.node("AdamStep", ["x"], ["y"], name: "n", domain: "martlet");
        $0.output("y")
      }
    ),
    (
      "list of graphs",
      {
        let body = ModelBuilder.attribute("then_branch", type: 10) { $0.data(11, [0xFF]) }
        $0.input("x", dtype: 9)
        $0.node("If", ["x"], ["y"], name: "n", attributes: [body])
        $0.output("y")
      }
    ),
    (
      "string input",
      {
        $0.input("x", dtype: 8); $0.node("Identity", ["x"], ["y"], name: "n"); $0.output("y")
      }
    ),
    (
      "opset 6",
      {
        $0.opset = 6; $0.input("x"); $0.node("Abs", ["x"], ["y"], name: "n"); $0.output("y")
      }
    ),
    (
      "external data",
      {
        var tensor = ProtobufWriter()
        tensor.int(1, 2)
        tensor.int(2, 1)
        tensor.string(8, "w")
        tensor.int(14, 1)
        $0.graph.message(5, tensor)
        $0.node("Abs", ["w"], ["y"], name: "n")
        $0.output("y")
      }
    ),
  ]

  @Test(arguments: unsupported.indices)
  func unsupportedModelsNameTheNode(index: Int) {
    let (name, fill) = Self.unsupported[index]
    do {
      _ = try read(fill)
      Issue.record("\(name) was read")
    } catch let error as GraphError {
      switch error {
      case .unsupported(let node, _, _), .unknownOperator(_, let node):
        #expect(node == "n", "\(name)")
      default: Issue.record("\(name): \(error)")
      }
    } catch { Issue.record("\(name): \(error)") }
  }

  /// The samples whose operators exist.
  static let oldOpsets = OldOpsets.all.filter { sample in
    guard sample.name.hasPrefix("Resize") || sample.name.hasPrefix("Upsample") else { return true }
    return ReferenceOperators.function(for: "Resize") != nil
  }

  @Test(arguments: oldOpsets)
  func oldOpsetsComputeWhatOnnxruntimeComputes(sample: OldOpsets.Case) throws {
    func bytes(_ text: String) throws -> [UInt8] { Array(try #require(Data(base64Encoded: text))) }
    let graph = try ONNXReader.graph(from: bytes(sample.model))
    var feeds: [ValueID: Tensor] = [:]
    for (id, text) in zip(graph.inputs, sample.inputs) {
      feeds[id] = try ONNXTensor.read(bytes(text))
    }
    var interpreter = ReferenceInterpreter(graph)
    let outputs = try interpreter.run(graph.outputs, feeds: feeds)
    #expect(outputs.count == sample.outputs.count)
    for (output, text) in zip(outputs, sample.outputs) {
      let expected = try ONNXTensor.read(bytes(text))
      try #require(output.dtype == expected.dtype && output.shape == expected.shape)
      guard output.dtype == .float32 else {
        #expect(output == expected)
        continue
      }
      for (a, b) in zip(output.elements(of: Float.self), expected.elements(of: Float.self)) {
        #expect(abs(a - b) <= 1e-6 + 1e-5 * abs(b))
      }
    }
  }

  @Test func twentyThousandMutationsNeverTrap() throws {
    var mutator = Mutator(seed: 5)
    var builder = ModelBuilder()
    builder.input("x", sizes: [1, 2])
    builder.initializer("w", Tensor([1, 2, 3, 4] as [Float], [2, 2]))
    builder.node("MatMul", ["x", "w"], ["p"])
    builder.node(
      "Softmax",
      ["p"],
      ["y"],
      attributes: [ModelBuilder.attribute("axis", type: 2) { $0.int(3, 1) }]
    )
    builder.output("y")
    var samples = [builder.bytes]
    for sample in OldOpsets.all {
      samples.append(Array(try #require(Data(base64Encoded: sample.model))))
    }
    var refused = 0
    for round in 0..<20_000 {
      do { _ = try ONNXReader.graph(from: mutator.mutate(samples[round % samples.count])) } catch {
        refused += 1
      }
    }
    #expect(refused > 5_000)
  }
}

extension OldOpsets.Case: CustomTestStringConvertible {
  var testDescription: String { name }
}

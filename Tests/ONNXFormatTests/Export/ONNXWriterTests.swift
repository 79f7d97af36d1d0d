import Engine
import GraphIR
import ONNXFormat
import Tensors
import Testing

@Suite struct ONNXWriterTests {
  private func network() throws -> Graph {
    var graph = Graph(name: "net")
    let x = try graph.placeholder("x", .float32, ["N", 2])
    let target = try graph.placeholder("target", .float32, ["N", 2])
    let w = try graph.variable("w", Tensor([1, 2, 3, 4] as [Float], [2, 2]))
    let y = try graph.apply1("MatMul", [x, w], name: "y")
    _ = try graph.apply1("Sub", [y, target], name: "difference")
    graph.outputs = [y]
    return graph
  }

  @Test func aRoundTripComputesTheSame() throws {
    let graph = try network()
    let bytes = try ONNXWriter.bytes(of: graph, documentation: "doc")
    #expect(try ONNXWriter.bytes(of: graph, documentation: "doc") == bytes)
    let model = try ONNXModel(bytes)
    #expect(model.irVersion == 9 && model.opsets == ["": 21] && model.producer == "martlet")
    let back = try ONNXReader.graph(from: bytes, initializersAs: .trainableVariables)
    // What the outputs do not need is not written.
    #expect(back.inputs.map { back[$0].name } == ["x"])
    #expect(back.nodes.map(\.op.name) == ["MatMul"])
    #expect(back[back.inputs[0]].type == ValueType(.float32, ["N", 2]))
    #expect(back.trainableVariables.map { back[$0].name } == ["w"])
    var interpreter = ReferenceInterpreter(back)
    let y = try interpreter.run(
      back.outputs,
      feeds: [back.inputs[0]: Tensor([1, 1] as [Float], [1, 2])]
    )
    #expect(y == [Tensor([4, 6] as [Float], [1, 2])])
    #expect(back[back.outputs[0]].name == "y")
  }

  @Test func attributesOfEveryTypeSurvive() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [1, 1, 4, 4])
    let pooled = try graph.apply1(
      "AveragePool",
      [x],
      [
        "kernel_shape": .ints([2, 2]), "auto_pad": .string("SAME_UPPER"),
        "count_include_pad": .int(1),
      ]
    )
    let y = try graph.apply1("LeakyRelu", [pooled], ["alpha": .float(0.25)], name: "y")
    graph.outputs = [y]
    let back = try ONNXReader.graph(from: ONNXWriter.bytes(of: graph))
    #expect(try back.nodes[0].ints("kernel_shape") == [2, 2])
    #expect(try back.nodes[0].string("auto_pad", default: "") == "SAME_UPPER")
    #expect(try back.nodes[0].int("count_include_pad", default: 0) == 1)
    #expect(try back.nodes[1].float("alpha", default: 0) == 0.25)
  }

  @Test(arguments: [ONNXReader.InitializerRole.constants, .trainableVariables])
  func largeWeightsThatFloat16HoldsTakeHalfTheBytes(_ role: ONNXReader.InitializerRole) throws {
    func file(_ weight: (Int) -> Float) throws -> [UInt8] {
      var graph = Graph()
      let x = try graph.placeholder("x", .float32, ["N", 64])
      let weights = Tensor((0..<4096).map(weight), [64, 64])
      let product = try graph.apply1("MatMul", [x, graph.variable("layer/weight", weights)])
      graph.outputs = [try graph.apply1("Relu", [product], name: "y")]
      return try ONNXWriter.bytes(of: graph)
    }
    let whole = try file { 1 / Float($0 + 1) }
    let bytes = try file { Float($0 % 64) / 64 }
    #expect(whole.count > 16384 && bytes.count < 8192 + 1000)
    let graph = try ONNXReader.graph(from: bytes, initializersAs: role)
    #expect(graph.nodes.map(\.op.name) == ["MatMul", "Relu"])
    let weight = try #require(graph.values.first { $0.name == "layer/weight" })
    #expect(weight.type == ValueType(.float32, [64, 64]))
    #expect(graph.trainableVariables.count == (role == .constants ? 0 : 1))
    let x = Tensor((0..<64).map { Float($0) - 20 }, [1, 64])
    let y = try Session(graph).run(graph.outputs, feeds: [graph.inputs[0]: x])
    let sum = (0..<64).reduce(Float(0)) { $0 + Float($1) - 20 }
    let expected = (0..<64).map { (column: Int) -> Float in sum * Float(column) / 64 }
    #expect(y == [Tensor(expected, [1, 64])])
    // Read and written again, the file is the same.
    #expect(try ONNXWriter.bytes(of: graph) == bytes)
  }

  @Test func aGraphWithoutOutputsIsRefused() throws {
    var graph = try network()
    graph.outputs = []
    #expect(throws: GraphError.self) { try ONNXWriter.bytes(of: graph) }
  }

  @Test func anOperatorThatOnlyTrainingNeedsIsRefused() throws {
    let martlet = OperatorRegistry.all.filter {
      $0.name.domain == .martlet && $0.inputs.contains(2)
    }
    var refused = 0
    for definition in martlet {
      var graph = Graph()
      let x = try graph.placeholder("x", .float32, [2])
      let y = try graph.placeholder("y", .float32, [2])
      guard let made = try? graph.apply1(definition.name, [x, y]) else { continue }
      graph.outputs = [made]
      #expect(throws: GraphError.self) { try ONNXWriter.bytes(of: graph) }
      refused += 1
    }
    #expect(refused > 0)
  }
}

import Engine
import GraphIR
import ONNXFormat
import Tensors
import Testing

@Suite struct RecurrentImportTests {
  private let x = Tensor((0..<24).map { Float($0 % 7) / 7 - 0.4 }, [4, 2, 3])
  private let w = Tensor((0..<24).map { Float($0 % 5) / 5 - 0.3 }, [1, 8, 3])
  private let r = Tensor((0..<16).map { Float($0 % 3) / 3 - 0.2 }, [1, 8, 2])
  private let state = Tensor([0.1, -0.2, 0.3, -0.4] as [Float], [1, 2, 2])

  private func transposed(_ tensor: Tensor, _ order: [Int]) throws -> Tensor {
    var graph = Graph()
    let id = try graph.constant(tensor)
    let result = try graph.apply1("Transpose", [id], ["perm": .ints(order)])
    var interpreter = ReferenceInterpreter(graph)
    return try interpreter.run([result], feeds: [:])[0]
  }

  @Test func layoutOneBecomesTransposes() throws {
    var builder = ModelBuilder()
    builder.input("x", sizes: [2, 4, 3])
    builder.initializer("w", w)
    builder.initializer("r", r)
    builder.initializer("h", try transposed(state, [1, 0, 2]))
    builder.initializer("p", Tensor([0.1, 0.2, 0.3, 0.4, 0.5, 0.6] as [Float], [1, 6]))
    builder.node(
      "LSTM",
      ["x", "w", "r", "", "", "h", "h", "p"],
      ["y", "yh", "yc"],
      attributes: [ModelBuilder.attribute("layout", type: 2) { $0.int(3, 1) }]
    )
    for name in ["y", "yh", "yc"] { builder.output(name) }
    let graph = try ONNXReader.graph(from: builder.bytes, initializersAs: .trainableVariables)
    #expect(graph.nodes.filter { $0.op == "Transpose" }.count == 6)
    #expect(graph.outputs.map { graph[$0].type.shape } == [[2, 4, 1, 2], [2, 1, 2], [2, 1, 2]])
    // Peepholes are weights as the other operands are.
    #expect(graph.trainableVariables.map { graph[$0].name } == ["w", "r", "p"])
    var interpreter = ReferenceInterpreter(graph)
    let outputs = try interpreter.run(
      graph.outputs,
      feeds: [graph.inputs[0]: transposed(x, [1, 0, 2])]
    )

    var plain = Graph()
    let inputs = try [x, w, r, nil, nil, state, state].map { tensor in
      try tensor.map { try plain.constant($0) }
    }
    let peepholes = try plain.constant(Tensor([0.1, 0.2, 0.3, 0.4, 0.5, 0.6] as [Float], [1, 6]))
    let results = try plain.apply("LSTM", inputs + [peepholes], outputCount: 3)
    var other = ReferenceInterpreter(plain)
    let expected = try other.run(results.compactMap { $0 }, feeds: [:])
    #expect(outputs[0] == (try transposed(expected[0], [2, 0, 1, 3])))
    #expect(outputs[1] == (try transposed(expected[1], [1, 0, 2])))
    #expect(outputs[2] == (try transposed(expected[2], [1, 0, 2])))
  }

  @Test func whatOnlyTheGradientReadsIsNotWritten() throws {
    var graph = Graph()
    let x = try graph.placeholder("x", .float32, [4, "N", 3])
    let (w, r) = (try graph.variable("w", w), try graph.variable("r", r))
    let y = try graph.apply1("LSTM", [x, w, r], ["hidden_size": .int(2)], name: "y")
    graph.outputs = [y]
    guard case .output(let node, _) = graph[y].source else { return }
    _ = try graph.requestOutput(3, of: node)
    let back = try ONNXReader.graph(from: ONNXWriter.bytes(of: graph))
    #expect(back.nodes.map { $0.outputs.count } == [1])
    #expect(back[back.outputs[0]].type.shape == [4, 1, "N", 2])
  }
}

import Engine
import GraphIR
import ONNXFormat
import Storage
import TestSupport
import Tensors
import Testing

@Suite struct BodyImportTests {
  /// A graph attribute.
  private func attribute(_ name: String, _ body: ModelBuilder) -> ProtobufWriter {
    ModelBuilder.attribute(name, type: 5) { $0.message(6, body.graph) }
  }

  private func int(_ name: String, _ value: Int) -> ProtobufWriter {
    ModelBuilder.attribute(name, type: 2) { $0.int(3, value) }
  }

  /// sum = s + x * w, with w from outside and a shape [2] that Reshape needs from outside too.
  private func scanModel(captured: String = "w") -> ModelBuilder {
    var body = ModelBuilder()
    body.graph.string(2, "body")
    body.input("s")
    body.input("x")
    body.node("Mul", ["x", captured], ["scaled"])
    body.node("Reshape", ["scaled", "shape"], ["flat"])
    body.node("Add", ["s", "flat"], ["sum"])
    body.node("Identity", ["sum"], ["copy"])
    body.output("sum")
    body.output("copy")
    var model = ModelBuilder()
    model.graph.string(2, "model")
    // The producer of w stands behind its reader: the body counts when nodes are ordered.
    model.node(
      "Scan",
      ["start", "xs"],
      ["last", "all"],
      name: "scan",
      attributes: [attribute("body", body), int("num_scan_inputs", 1)]
    )
    model.node("Add", ["v", "v"], ["w"])
    model.initializer("v", Tensor(vector: [Float(1), 2]))
    model.initializer("shape", Tensor(vector: [Int64(2)]))
    model.input("start")
    model.input("xs", sizes: [3, 2])
    model.output("last")
    model.output("all")
    return model
  }

  private func run(_ graph: Graph) throws -> [[Double]] {
    var interpreter = ReferenceInterpreter(graph)
    var feeds: [ValueID: Tensor] = [:]
    feeds[try #require(graph.value(named: "start"))] = Tensor(vector: [Float(1), 1])
    feeds[try #require(graph.value(named: "xs"))] = Tensor([Float(1), 2, 3, 4, 5, 6], [3, 2])
    return try interpreter.run(graph.outputs, feeds: feeds).map { numbers($0) }
  }

  @Test func whatABodyReadsFromOutsideBecomesInputsOfTheNode() throws {
    let graph = try ONNXReader.graph(from: scanModel().bytes)
    let node = try #require(graph.nodes.first { $0.op == "Scan" })
    // start, xs and w; the shape is small and copied, so that shape rules know it.
    #expect(node.inputs.compactMap { $0 }.map { graph[$0].name } == ["start", "xs", "w"])
    let form = try ScanForm(node)
    #expect(form.captureCount == 1)
    #expect(form.body.value(named: "shape").flatMap { form.body.constant($0) } != nil)
    #expect(graph[graph.outputs[1]].type.shape == [3, 2])
    #expect(try run(graph) == [[19, 49], [3, 9, 9, 25, 19, 49]])
  }

  @Test func aWrittenBodyReadsOuterValuesByNameAgain() throws {
    let graph = try ONNXReader.graph(from: scanModel().bytes)
    let bytes = try ONNXWriter.bytes(of: graph)
    let again = try ONNXReader.graph(from: bytes)
    #expect(try run(again) == run(graph))
    let node = try #require(again.nodes.first { $0.op == "Scan" })
    #expect(try ScanForm(node).captureCount == 1)
    #expect(try ONNXWriter.bytes(of: again) == bytes)
  }

  /// The body's own names may be those of outer values, an output may be an input, and two outputs one value.
  @Test func namesOfBodiesAreMadeUniqueAndOutputsTheirOwn() throws {
    let body = try Graph.body { (body: inout Graph) throws(GraphError) in
      let s = try body.placeholder("start", .float32, [2])
      let x = try body.placeholder("xs", .float32, [2])
      let sum = try body.apply1("Add", [s, x], name: "scan")
      return [sum, s, sum]
    }
    var graph = Graph()
    let start = try graph.placeholder("start", .float32, [2])
    let xs = try graph.placeholder("xs", .float32, [3, 2])
    graph.outputs = try graph.scan(body, states: [start], inputs: [xs], name: "scan")
    let again = try ONNXReader.graph(from: ONNXWriter.bytes(of: graph))
    #expect(try run(again) == run(graph))
    let form = try ScanForm(try #require(again.nodes.first))
    let outer = Set(again.values.map(\.name))
    #expect(form.body.values.allSatisfy { !outer.contains($0.name) })
    #expect(Set(form.body.outputs).count == 3)
  }

  @Test func weightsInsideABodyBecomeVariablesOfTheModel() throws {
    var body = ModelBuilder()
    body.graph.string(2, "body")
    body.input("s")
    body.input("x")
    body.initializer("weight", Tensor([Float(1), 2, 3, 4], [2, 2]))
    body.node("Gemm", ["row", "weight"], ["product"])
    body.node("Unsqueeze", ["x", "axes"], ["row"])
    body.initializer("axes", Tensor(vector: [Int64(0)]))
    body.node("Squeeze", ["product", "axes"], ["flat"])
    body.node("Add", ["s", "flat"], ["sum"])
    body.output("sum")
    var model = ModelBuilder()
    model.graph.string(2, "model")
    model.node(
      "Scan",
      ["start", "xs"],
      ["last"],
      attributes: [attribute("body", body), int("num_scan_inputs", 1)]
    )
    model.input("start")
    model.input("xs", sizes: [3, 2])
    model.output("last")
    let trained = try ONNXReader.graph(from: model.bytes, initializersAs: .trainableVariables)
    #expect(trained.trainableVariables.map { trained[$0].name } == ["weight"])
    let served = try ONNXReader.graph(from: model.bytes)
    #expect(try run(trained) == run(served))
    #expect(try run(served) == [[1 + 9 + 36, 1 + 18 + 48]])
  }

  @Test func mistakesInBodiesAreErrors() throws {
    #expect(throws: GraphError.self) {
      try ONNXReader.graph(from: scanModel(captured: "nobody").bytes)
    }
    // The body gives one output less than the node has.
    var body = ModelBuilder()
    body.graph.string(2, "body")
    body.input("s")
    body.input("x")
    body.node("Add", ["s", "x"], ["sum"])
    body.output("sum")
    for (scanned, outputs) in [(1, ["last", "all"]), (0, ["last"]), (7, ["last"])] {
      var model = ModelBuilder()
      model.graph.string(2, "model")
      model.node(
        "Scan",
        ["start", "xs"],
        outputs,
        attributes: [attribute("body", body), int("num_scan_inputs", scanned)]
      )
      model.input("start")
      model.input("xs", sizes: [3, 2])
      model.output("last")
      #expect(throws: GraphError.self) { try ONNXReader.graph(from: model.bytes) }
    }
  }

  @Test(arguments: [2, 8, 9, 12, 300]) func bodiesInsideEachOtherAreBounded(depth: Int) throws {
    var body = ModelBuilder()
    body.graph.string(2, "innermost")
    body.node("Add", ["x", "x"], ["y0"])
    body.output("y0")
    for level in 1...depth {
      var outer = ModelBuilder()
      outer.graph.string(2, "level\(level)")
      outer.node(
        "If",
        ["condition"],
        ["y\(level)"],
        attributes: [attribute("then_branch", body), attribute("else_branch", body)]
      )
      outer.output("y\(level)")
      // Two copies of the body at each level would double the file.
      if level > 6 {
        outer = ModelBuilder()
        outer.graph.string(2, "level\(level)")
        var small = ModelBuilder()
        small.graph.string(2, "small")
        small.node("Identity", ["x"], ["z\(level)"])
        small.output("z\(level)")
        outer.node(
          "If",
          ["condition"],
          ["y\(level)"],
          attributes: [attribute("then_branch", body), attribute("else_branch", small)]
        )
        outer.output("y\(level)")
      }
      body = outer
    }
    var model = body
    model.input("x")
    model.input("condition", dtype: 9, sizes: [])
    if depth <= Graph.bodyDepthMax {
      let graph = try ONNXReader.graph(from: model.bytes)
      #expect(graph.bodyDepth == depth)
    } else {
      #expect(throws: (any Error).self) { try ONNXReader.graph(from: model.bytes) }
    }
  }

  @Test func scanOfOpset8HasABatchAxis() throws {
    var body = ModelBuilder()
    body.graph.string(2, "body")
    body.input("s")
    body.input("x")
    body.node("Add", ["s", "x"], ["sum"])
    body.node("Identity", ["sum"], ["copy"])
    body.output("sum")
    body.output("copy")
    var model = ModelBuilder(opset: 8)
    model.graph.string(2, "model")
    model.node(
      "Scan",
      ["", "start", "xs"],
      ["last", "all"],
      attributes: [attribute("body", body), int("num_scan_inputs", 1)]
    )
    model.input("start", sizes: [2, 2])
    model.input("xs", sizes: [2, 3, 2])
    model.output("last")
    model.output("all")
    let graph = try ONNXReader.graph(from: model.bytes)
    var interpreter = ReferenceInterpreter(graph)
    let results = try interpreter.run(
      graph.outputs,
      feeds: [
        graph.inputs[0]: Tensor(zeros: .float32, [2, 2]),
        graph.inputs[1]: Tensor((0..<12).map { Float($0) }, [2, 3, 2]),
      ]
    )
    #expect(numbers(results[0]) == [6, 9, 24, 27])
    #expect(numbers(results[1]) == [0, 1, 2, 4, 6, 9, 6, 7, 14, 16, 24, 27])
  }
}

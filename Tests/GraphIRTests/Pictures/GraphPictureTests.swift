import TestSupport
import Tensors
import Testing

@testable import GraphIR

@Suite struct GraphPictureTests {
  private func graph() throws -> Graph {
    var graph = Graph(name: "a<b>\"c\"")
    let x = try graph.placeholder("x", .float32, ["N", 4])
    let w = try graph.constant(Tensor(zeros: .float32, [4, 3]), name: "w")
    let product = try graph.apply1("MatMul", [x, w], name: "product")
    let sum = try graph.apply1("Add", [product, product], name: "sum")
    graph.outputs = [sum]
    return graph
  }

  @Test func theSummaryCountsParametersOnce() throws {
    let summary = GraphSummary(try graph())
    #expect(summary.rows.map(\.name) == ["product", "sum"])
    #expect(summary.rows.map(\.parameterCount) == [12, 0])
    #expect(summary.rows[0].output == "float32[N,3]")
    #expect(summary.parameterByteCount == 48)
  }

  @Test func theLayoutPutsReadersBelowWhatTheyRead() throws {
    let layout = GraphLayout(try graph())
    #expect(layout.boxes.map(\.title) == ["x", "MatMul", "Add", "sum"])
    for line in layout.lines {
      #expect(layout.boxes[line.from].layer < layout.boxes[line.to].layer)
    }
    #expect(layout.lines.count == 4)
  }

  @Test func dotQuotesNamesAndConnectsBoxes() throws {
    let dot = GraphDOT.text(try graph())
    #expect(dot.hasPrefix("digraph \"a<b>\\\"c\\\"\" {"))
    #expect(dot.contains("n0 -> n1 [label=\"[N,4]\"]"))
    #expect(dot.contains("MatMul\\n[4,3]"))
  }

  @Test func svgEscapesNames() throws {
    let svg = GraphSVG.text(try graph())
    #expect(svg.contains("<title>a&lt;b&gt;&quot;c&quot;</title>"))
    #expect(svg.hasSuffix("</svg>\n"))
  }
}

/// Pictures of graphs with bodies.
@Suite struct BodyPictureTests {
  private func graph() throws -> Graph {
    let body = try Graph.body("step") { (body: inout Graph) throws(GraphError) in
      let s = try body.placeholder("s", .float32, [2])
      let x = try body.placeholder("x", .float32, [2])
      let w = try body.constant(Tensor(zeros: .float32, [2]), name: "w")
      return [
        try body.apply1("Add", [body.apply1("Mul", [s, w], name: "scaled"), x], name: "new")
      ]
    }
    var graph = Graph(name: "outer")
    let s = try graph.placeholder("s", .float32, [2])
    let x = try graph.placeholder("x", .float32, [3, 2])
    graph.outputs = try graph.scan(body, states: [s], inputs: [x], name: "scan")
    return graph
  }

  @Test func theSummaryListsTheBodyBelowItsOperator() throws {
    let summary = GraphSummary(try graph())
    #expect(summary.rows.map(\.name) == ["scan", "scaled", "new"])
    #expect(summary.rows.map(\.depth) == [0, 1, 1])
    #expect(summary.parameterCount == 2)
  }

  @Test func dotDrawsTheBodyAsACluster() throws {
    let dot = GraphDOT.text(try graph())
    #expect(dot.contains("subgraph cluster_n2b0_ {"))
    #expect(dot.contains("label=\"body of Scan scan\";"))
    #expect(dot.contains("n2 -> n2b0_0 [style=dashed];"))
    #expect(dot.filter { $0 == "{" }.count == dot.filter { $0 == "}" }.count)
  }

  @Test func svgDrawsTheBodyBelow() throws {
    let svg = GraphSVG.text(try graph())
    #expect(svg.contains("body of Scan scan"))
    #expect(svg.contains(">Mul<"))
  }
}

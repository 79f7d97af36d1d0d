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

package import GraphIR
import Tensors

extension Graph {
  /// Builds a body for a test.
  package static func body(
    _ name: String = "body",
    _ build: (inout Graph) throws(GraphError) -> [ValueID]
  ) throws(GraphError) -> Graph {
    var graph = Graph(name: name)
    graph.outputs = try build(&graph)
    return graph
  }

  /// h' = tanh(x + h W + b), with x [N, H] a slice, W [H, H] and b [H] captured; gives h' as state and as scan output.
  package static func recurrentBody(batch: Int = 2, units: Int = 3) throws(GraphError) -> Graph {
    try body("cell") { (body: inout Graph) throws(GraphError) in
      let h = try body.placeholder("h", .float32, [.known(batch), .known(units)])
      let x = try body.placeholder("x", .float32, [.known(batch), .known(units)])
      let w = try body.placeholder("w", .float32, [.known(units), .known(units)])
      let b = try body.placeholder("b", .float32, [.known(units)])
      let product = try body.apply1("MatMul", [h, w])
      let sum = try body.apply1("Add", [body.apply1("Add", [x, product]), b])
      let new = try body.apply1("Tanh", [sum])
      return [new, new]
    }
  }
}

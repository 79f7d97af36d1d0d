import Engine
package import GraphIR
package import Tensors
package import Testing
import Training

/// Expects the gradients of a fixed random combination of `outputs` to agree with central differences in double precision.
///
/// `parameters` are variables, or placeholders of float values fed in `feeds`.
///
/// - Throws: what building or running the graph throws.
package func checkGradients(
  _ graph: Graph,
  of outputs: [ValueID],
  parameters: [ValueID],
  feeds: [ValueID: Tensor],
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  var graph = graph
  var interpreter = ReferenceInterpreter(graph, precision: .double)
  let values = try interpreter.run(outputs, feeds: feeds)
  var terms: [ValueID?] = []
  for (position, (output, value)) in zip(outputs, values).enumerated() {
    let weights = GradientCase.distinctNumbers(value.shape, -1, 1, stream: UInt64(6 + position))
    let constant = try graph.constant(
      Tensor(weights.elements(of: Double.self).map { Float($0) }, weights.shape)
    )
    let product = try graph.apply1("Mul", [output, constant])
    terms.append(try graph.apply1("ReduceSum", [product], ["keepdims": .int(0)]))
  }
  let loss = try graph.apply1("Sum", terms)
  let report = try GradientCheck.run(graph, loss: loss, parameters: parameters, feeds: feeds)
  #expect(
    report.parameters.allSatisfy { $0.relativeError <= 1e-6 },
    "\(report)",
    sourceLocation: sourceLocation
  )
}

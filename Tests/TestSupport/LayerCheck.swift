import Engine
package import GraphIR
package import NN
import Tensors
package import Testing

/// What every layer must hold: the documented shape, the number of parameters, right gradients, and in inference no influence of one
/// example on another.
///
/// `input` and `output` are shapes of one example; `parameterCount` counts the numbers in trainable variables.
///
/// - Throws: what building or running the layer throws.
package func checkLayer(
  input: [Int],
  output: [Int],
  parameterCount: Int,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ layer: (ValueID, inout LayerContext) throws -> ValueID
) throws {
  for mode in [BuildMode.training, .inference] {
    var context = LayerContext(mode: mode, seed: 3)
    let x = try context.graph.placeholder(
      "x",
      .float32,
      PartialShape([.symbol("N")] + input.map(Dimension.known))
    )
    let y = try layer(x, &context)
    #expect(
      context.graph[y].type.shape == PartialShape([.symbol("N")] + output.map(Dimension.known)),
      sourceLocation: sourceLocation
    )
    let parameters = context.graph.trainableVariables
    let count = parameters.reduce(0) {
      $0 + (context.graph[$1].type.shape.concrete?.elementCount ?? 0)
    }
    #expect(count == parameterCount, sourceLocation: sourceLocation)

    let batch = GradientCase.distinctNumbers(Shape([3] + input), -1, 1, stream: 5)
    let isRandom = context.graph.nodes.contains { $0.op == "Dropout" }
    if !isRandom {
      try checkGradients(
        context.graph,
        of: [y],
        parameters: [x] + parameters,
        feeds: [x: batch],
        sourceLocation: sourceLocation
      )
    }
    guard mode == .inference else { continue }
    var interpreter = ReferenceInterpreter(context.graph, precision: .double)
    let together = try interpreter.run([y], feeds: [x: batch])[0].elements(of: Double.self)
    let numbers = batch.elements(of: Double.self)
    let size = numbers.count / 3
    var alone: [Double] = []
    for row in 0..<3 {
      let example = Tensor(Array(numbers[row * size..<(row + 1) * size]), Shape([1] + input))
      alone += try interpreter.run([y], feeds: [x: example])[0].elements(of: Double.self)
    }
    #expect(together == alone, sourceLocation: sourceLocation)
  }
}

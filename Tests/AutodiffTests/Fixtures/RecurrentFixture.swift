import GraphIR
import TestSupport
import Tensors
import Testing

/// One case of `RecurrentFixtures`.
struct RecurrentFixture: Sendable, CustomTestStringConvertible {
  let name: String
  let op: String
  let attributes: [String: Attribute]
  let inputs: [FixtureTensor?]
  let outputs: [FixtureTensor]
  /// The gradients that arrive at the outputs.
  let weights: [FixtureTensor]
  /// By input.
  let gradients: [FixtureTensor?]

  var testDescription: String { name }

  /// The operator over placeholders, and its outputs.
  func graph() throws -> (Graph, [ValueID?], [ValueID], [ValueID: Tensor]) {
    var graph = Graph()
    var operands: [ValueID?] = []
    var feeds: [ValueID: Tensor] = [:]
    for (index, numbers) in inputs.enumerated() {
      guard let tensor = try numbers?.tensor() else {
        operands.append(nil)
        continue
      }
      let id = try graph.placeholder("x\(index)", tensor.dtype, PartialShape(tensor.shape))
      feeds[id] = tensor
      operands.append(id)
    }
    let results = try graph.apply(
      OperatorName(op),
      operands,
      attributes,
      outputCount: outputs.count
    )
    return (graph, operands, results.compactMap { $0 }, feeds)
  }
}

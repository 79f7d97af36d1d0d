import Foundation
import GraphIR
import Tensors
import Testing

/// One case of `RecurrentFixtures`.
struct RecurrentFixture: Sendable, CustomTestStringConvertible {
  /// A tensor as base64 text of its bytes.
  struct Numbers: Sendable {
    let dtype: DType
    let shape: [Int]
    let base64: String

    init(_ dtype: DType, _ shape: [Int], _ base64: String) {
      self.dtype = dtype
      self.shape = shape
      self.base64 = base64
    }

    func tensor() throws -> Tensor {
      let data = try #require(Data(base64Encoded: base64))
      let shape = Shape(shape)
      try #require(data.count == shape.elementCount * dtype.byteCount)
      return Tensor(dtype: dtype, shape) { bytes in
        data.withUnsafeBytes { bytes.copyMemory(from: $0) }
      }
    }
  }

  let name: String
  let op: String
  let attributes: [String: Attribute]
  let inputs: [Numbers?]
  let outputs: [Numbers]
  /// The gradients that arrive at the outputs.
  let weights: [Numbers]
  /// By input.
  let gradients: [Numbers?]

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

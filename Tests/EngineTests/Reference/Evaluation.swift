import GraphIR
import Tensors
import Testing

@testable import Engine

/// What the reference implementation of an operator makes of its operands.
func evaluated(
  _ op: OperatorName,
  _ inputs: [Tensor?],
  _ attributes: [String: Attribute] = [:],
  nodeIndex: Int = 0,
  random: RandomState = RandomState()
) throws -> [Tensor] {
  let function = try #require(ReferenceOperators.function(for: op))
  let node = Node(
    op: op,
    name: "node",
    inputs: inputs.indices.map { inputs[$0] == nil ? nil : ValueID($0) },
    outputs: [],
    attributes: attributes
  )
  let call = ReferenceCall(node: node, inputs: inputs, nodeIndex: nodeIndex, random: random)
  return try function(call).compactMap { $0 }
}

/// The first result as Double, whatever its type.
func numbersOf(
  _ op: OperatorName,
  _ inputs: [Tensor?],
  _ attributes: [String: Attribute] = [:]
) throws -> [Double] {
  try #require(try evaluated(op, inputs, attributes).first).doubles
}

/// True where both lists agree within `tolerance`, relative above 1; NaN agrees with NaN.
func agree(_ actual: [Double], _ expected: [Double], within tolerance: Double = 1e-15) -> Bool {
  actual.count == expected.count
    && zip(actual, expected).allSatisfy { a, b in
      a == b || (a.isNaN && b.isNaN) || abs(a - b) <= tolerance * max(1, abs(b))
    }
}

func doubles(_ elements: Double...) -> Tensor { Tensor(vector: elements) }

func floats(_ elements: Float...) -> Tensor { Tensor(vector: elements) }

func integers(_ elements: Int64...) -> Tensor { Tensor(vector: elements) }

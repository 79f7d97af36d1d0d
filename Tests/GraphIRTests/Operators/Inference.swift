import GraphIR
import Tensors
import Testing

/// The output types that an operator's rule gives for operand types and the values that are known.
func inferred(
  _ op: OperatorName,
  _ types: [ValueType?],
  values: [Int: Tensor] = [:],
  _ attributes: [String: Attribute] = [:]
) throws -> [ValueType] {
  let definition = try #require(OperatorRegistry.definition(of: op))
  let node = Node(
    op: op,
    name: "node",
    inputs: types.indices.map { types[$0] == nil ? nil : ValueID($0) },
    outputs: [],
    attributes: attributes
  )
  return try definition.outputTypes(
    of: node,
    inputTypes: types,
    inputValues: types.indices.map { values[$0] }
  )
}

/// The message of the error that a rule throws, `nil` where it throws none.
func inferenceFailure(
  _ op: OperatorName,
  _ types: [ValueType?],
  values: [Int: Tensor] = [:],
  _ attributes: [String: Attribute] = [:]
) -> String? {
  do {
    _ = try inferred(op, types, values: values, attributes)
    return nil
  } catch {
    return "\(error)"
  }
}

func float(_ dimensions: Dimension...) -> ValueType {
  ValueType(.float32, PartialShape(dimensions))
}

func int64(_ dimensions: Dimension...) -> ValueType { ValueType(.int64, PartialShape(dimensions)) }

func vector(_ elements: Int64...) -> Tensor { Tensor(vector: elements) }

let unranked = ValueType(.float32, .unranked)

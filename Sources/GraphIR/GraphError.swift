/// What is wrong with a graph or with an operator's operands: a mistake of whoever made the graph, never of this program.
package enum GraphError: Error, CustomStringConvertible {
  case unknownOperator(OperatorName, node: String)
  case arity(node: String, op: OperatorName, inputs: Int, expected: ClosedRange<Int>)
  case missingInput(node: String, op: OperatorName, input: Int)
  case attributeType(node: String, op: OperatorName, attribute: String, expected: String)
  /// Operands that do not fit: `detail` says what was expected and what came.
  case operands(node: String, op: OperatorName, detail: String)
  /// The output's shape depends on the value of an input that is not known before the run.
  case needsValue(node: String, op: OperatorName, input: Int)
  /// A feature that this version does not have.
  case unsupported(node: String, op: OperatorName, detail: String)
  case duplicateName(String)
  case cycle([String])
  case unknownValue(String)
  case invalid(String)

  package var description: String {
    switch self {
    case .unknownOperator(let op, let node):
      "node \(node): operator \(op) is not supported"
    case .arity(let node, let op, let inputs, let expected):
      "node \(node) (\(op)): \(inputs) inputs, expected \(expected.lowerBound) to \(expected.upperBound)"
    case .missingInput(let node, let op, let input):
      "node \(node) (\(op)): input \(input) is required"
    case .attributeType(let node, let op, let attribute, let expected):
      "node \(node) (\(op)): attribute \(attribute) is not of type \(expected)"
    case .operands(let node, let op, let detail):
      "node \(node) (\(op)): \(detail)"
    case .needsValue(let node, let op, let input):
      "node \(node) (\(op)): the value of input \(input) decides the shape and is not known before the run"
    case .unsupported(let node, let op, let detail):
      "node \(node) (\(op)): not supported: \(detail)"
    case .duplicateName(let name):
      "two values are named \(name)"
    case .cycle(let names):
      "the graph has a cycle through \(names.prefix(5).joined(separator: ", "))"
    case .unknownValue(let name):
      "no value is named \(name)"
    case .invalid(let detail):
      detail
    }
  }
}

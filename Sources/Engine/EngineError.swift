package import GraphIR
package import Tensors

/// What can go wrong when a graph is planned or run.
package enum EngineError: Error, CustomStringConvertible {
  case outOfMemory(byteCount: Int)
  case missingFeed(name: String, expected: ValueType)
  case feedType(name: String, expected: ValueType, given: DType, shape: Shape)
  /// Two placeholders give the same symbol different sizes.
  case symbolConflict(name: String, symbol: String, expected: Int, given: Int)
  case notAPlaceholder(String)
  case notAVariable(String)
  /// A shape that is only known while the graph runs.
  case dynamicShape(node: String, op: OperatorName)

  package var description: String {
    switch self {
    case .outOfMemory(let byteCount):
      "cannot get \(byteCount) bytes of memory"
    case .missingFeed(let name, let expected):
      "placeholder \(name) was not fed, expected \(expected)"
    case .feedType(let name, let expected, let given, let shape):
      "placeholder \(name): expected \(expected), given \(given)\(shape)"
    case .symbolConflict(let name, let symbol, let expected, let given):
      "placeholder \(name): dimension \(symbol) is \(given) here and \(expected) elsewhere"
    case .notAPlaceholder(let name):
      "\(name) is not a placeholder, it cannot be fed"
    case .notAVariable(let name):
      "\(name) is not a variable"
    case .dynamicShape(let node, let op):
      "node \(node) (\(op)): the output's shape is only known while the graph runs"
    }
  }
}

import GraphIR
import Tensors

/// Brings one operator of an older opset into the form of opset 21.
struct Upgrade: Sendable {
  let op: String
  /// Applies to files whose opset is below this; `Int.max` to all.
  let before: Int
  /// The nodes, in order, that take the place of the one given.
  let rewrite: @Sendable (ONNXNode, inout ImportContext) throws -> [ONNXNode]

  init(
    _ op: String,
    before: Int,
    rewrite: @escaping @Sendable (ONNXNode, inout ImportContext) throws -> [ONNXNode]
  ) {
    self.op = op
    self.before = before
    self.rewrite = rewrite
  }
}

/// Every upgrade, one list for each family in this folder.
enum Upgrades {
  /// The nodes that `node` becomes.
  static func apply(to node: ONNXNode, _ context: inout ImportContext) throws -> [ONNXNode] {
    guard let opset = context.opset, let upgrade = table[node.op], opset < upgrade.before else {
      return [node]
    }
    return try upgrade.rewrite(node, &context)
  }

  private static let table = Dictionary(
    uniqueKeysWithValues: (axes + slicing + elementwise + softmax + normalization + resizing
      + recurrent + scan).map { ($0.op, $0) }
  )
}

extension ONNXNode {
  /// Moves an attribute of whole numbers to a constant int64 input.
  mutating func moveInts(
    _ attribute: String,
    toInput index: Int,
    _ context: inout ImportContext
  ) throws {
    guard let found = attributes.removeValue(forKey: attribute) else { return }
    let values: [Int]
    switch found {
    case .ints(let list): values = list
    case .int(let single): values = [single]
    default:
      throw GraphError.attributeType(
        node: name,
        op: operatorName,
        attribute: attribute,
        expected: "ints"
      )
    }
    let constant = Tensor(vector: values.map(Int64.init))
    setInput(index, try context.addConstant(constant, self, attribute))
  }

  /// Moves a number to a constant scalar input of the element type of input 0.
  mutating func moveFloat(
    _ attribute: String,
    toInput index: Int,
    _ context: inout ImportContext
  ) throws {
    guard let found = attributes.removeValue(forKey: attribute) else { return }
    guard case .float(let value) = found else {
      throw GraphError.attributeType(
        node: name,
        op: operatorName,
        attribute: attribute,
        expected: "float"
      )
    }
    let scalar: Tensor
    switch try context.type(of: inputs.first ?? "", for: self)?.dtype {
    case .float64?: scalar = Tensor(scalar: Double(value))
    case .float16?: scalar = Tensor(scalar: Float16(value))
    case .bfloat16?: scalar = Tensor(scalar: BFloat16(value))
    default: scalar = Tensor(scalar: value)
    }
    setInput(index, try context.addConstant(scalar, self, attribute))
  }

  /// Names an input; those between that were never given are left out.
  mutating func setInput(_ index: Int, _ value: String) {
    while inputs.count <= index { inputs.append("") }
    inputs[index] = value
  }

  /// An attribute that must be a whole number where it is given.
  func int(_ attribute: String, default value: Int) throws(GraphError) -> Int {
    switch attributes[attribute] {
    case nil: value
    case .int(let found)?: found
    default:
      throw .attributeType(node: name, op: operatorName, attribute: attribute, expected: "int")
    }
  }
}

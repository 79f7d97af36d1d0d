package import Tensors

/// The domain that an operator's name belongs to.
package enum OperatorDomain: String, Sendable, Hashable {
  /// ONNX's own operators (`ai.onnx`).
  case onnx = ""
  /// What only training needs: gradient kernels and optimiser updates.
  case martlet = "martlet"
}

/// Names an operator.
package struct OperatorName: Sendable, Hashable, CustomStringConvertible {
  package let domain: OperatorDomain
  package let name: String

  package init(_ name: String, domain: OperatorDomain = .onnx) {
    self.name = name
    self.domain = domain
  }

  /// An operator of the `martlet` domain.
  package static func martlet(_ name: String) -> OperatorName {
    OperatorName(name, domain: .martlet)
  }

  package var description: String { domain == .onnx ? name : "\(domain.rawValue).\(name)" }
}

extension OperatorName: ExpressibleByStringLiteral {
  package init(stringLiteral value: String) { self.init(value) }
}

/// A constant parameter of a node, of one of ONNX's attribute types.
package enum Attribute: Sendable {
  case int(Int)
  case float(Float)
  case string(String)
  case ints([Int])
  case floats([Float])
  case strings([String])
  case tensor(Tensor)
  /// The body of Scan, Loop or If.
  ///
  /// Its placeholders are the operator's formal inputs and behind them the values captured from outside, which are inputs of the node too: a
  /// body reads nothing but its own values. It holds constants and no variables.
  case graph(Graph)
}

/// One application of an operator.
package struct Node: Sendable {
  package var op: OperatorName
  package var name: String
  /// `nil` for an optional input that is left out.
  package var inputs: [ValueID?]
  /// `nil` for an optional output that nobody asked for.
  package var outputs: [ValueID?]
  package var attributes: [String: Attribute]

  package init(
    op: OperatorName,
    name: String,
    inputs: [ValueID?],
    outputs: [ValueID?],
    attributes: [String: Attribute]
  ) {
    self.op = op
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
  }

  package func int(_ name: String, default value: Int) throws(GraphError) -> Int {
    switch attributes[name] {
    case nil: value
    case .int(let found)?: found
    default: throw .attributeType(node: self.name, op: op, attribute: name, expected: "int")
    }
  }

  package func float(_ name: String, default value: Float) throws(GraphError) -> Float {
    switch attributes[name] {
    case nil: value
    case .float(let found)?: found
    default: throw .attributeType(node: self.name, op: op, attribute: name, expected: "float")
    }
  }

  package func string(_ name: String, default value: String) throws(GraphError) -> String {
    switch attributes[name] {
    case nil: value
    case .string(let found)?: found
    default: throw .attributeType(node: self.name, op: op, attribute: name, expected: "string")
    }
  }

  package func ints(_ name: String) throws(GraphError) -> [Int]? {
    switch attributes[name] {
    case nil: nil
    case .ints(let found)?: found
    default: throw .attributeType(node: self.name, op: op, attribute: name, expected: "ints")
    }
  }

  /// A body, which the operator must have.
  package func body(_ name: String) throws(GraphError) -> Graph {
    switch attributes[name] {
    case .graph(let found)?: return found
    case nil:
      throw .operands(node: self.name, op: op, detail: "attribute \(name) (a graph) is required")
    default: throw .attributeType(node: self.name, op: op, attribute: name, expected: "graph")
    }
  }

  /// The bodies by attribute, sorted by its name.
  package var bodies: [(name: String, graph: Graph)] {
    attributes.compactMap { entry in
      if case .graph(let graph) = entry.value { (name: entry.key, graph: graph) } else { nil }
    }.sorted { $0.name < $1.name }
  }

  /// True where the result depends on the session's seed and step: a random operator, or one whose body holds any.
  package var isRandom: Bool {
    if OperatorRegistry.definition(of: op)?.isRandom == true { return true }
    return bodies.contains { $0.graph.nodes.contains(where: \.isRandom) }
  }

  package func floats(_ name: String) throws(GraphError) -> [Float]? {
    switch attributes[name] {
    case nil: nil
    case .floats(let found)?: found
    default: throw .attributeType(node: self.name, op: op, attribute: name, expected: "floats")
    }
  }
}

package import Tensors

/// A computation graph: values connected by nodes, in ONNX's vocabulary.
///
/// Nodes stand in topological order: a node only reads values made before it. Building checks every operand at once, so a graph
/// that exists is valid; `Verifier` checks the rest after passes. A graph is a value: passes make new ones.
package struct Graph: Sendable {
  package var name: String
  package private(set) var values: [Value] = []
  package private(set) var nodes: [Node] = []
  /// The placeholders, in the order of the signature.
  package private(set) var inputs: [ValueID] = []
  /// What the graph is for, in the order of the signature.
  package var outputs: [ValueID] = []
  private var names: [String: ValueID] = [:]
  /// Bodies inside each other below this graph: 0 where no node has one.
  package private(set) var bodyDepth = 0
  /// The largest `bodyDepth`.
  package static let bodyDepthMax = 8

  package init(name: String = "graph") { self.name = name }

  package subscript(value: ValueID) -> Value { values[value.index] }
  package subscript(node: NodeID) -> Node { nodes[node.index] }

  /// The value of that name, where there is one.
  package func value(named name: String) -> ValueID? { names[name] }

  /// All variables, in the order in which they were made.
  package var variables: [ValueID] {
    values.indices.lazy.map { ValueID($0) }.filter {
      if case .variable = values[$0.index].source { true } else { false }
    }
  }

  /// The variables that training changes.
  package var trainableVariables: [ValueID] {
    variables.filter {
      if case .variable(_, trainable: true) = values[$0.index].source { true } else { false }
    }
  }

  /// The tensor of a constant value.
  package func constant(_ value: ValueID) -> Tensor? {
    if case .constant(let tensor) = self[value].source { tensor } else { nil }
  }

  /// Adds a value to be fed in every run.
  @discardableResult
  package mutating func placeholder(
    _ name: String,
    _ dtype: DType = .float32,
    _ shape: PartialShape
  ) throws(GraphError) -> ValueID {
    let id = try add(Value(name: name, type: ValueType(dtype, shape), source: .placeholder))
    inputs.append(id)
    return id
  }

  /// Adds a constant.
  ///
  /// Without a name it gets a fresh one.
  package mutating func constant(_ tensor: Tensor, name: String? = nil) throws(GraphError)
    -> ValueID
  {
    let type = ValueType(tensor.dtype, PartialShape(tensor.shape))
    return try add(
      Value(name: name ?? freshName("constant"), type: type, source: .constant(tensor))
    )
  }

  /// Adds a variable that starts as `initial`.
  package mutating func variable(
    _ name: String,
    _ initial: Tensor,
    trainable: Bool = true
  ) throws(GraphError) -> ValueID {
    let type = ValueType(initial.dtype, PartialShape(initial.shape))
    return try add(
      Value(
        name: name,
        type: type,
        source: .variable(initial: initial, trainable: trainable)
      )
    )
  }

  /// Applies an operator and infers the types of its outputs.
  ///
  /// `outputNames` has one name for each output wanted, `""` leaves an optional output out; without it as many fresh names are made
  /// as the operator has required outputs. Gives the outputs' values, `nil` for those left out. Throws `GraphError` for an
  /// unknown operator or operands that do not fit.
  @discardableResult
  package mutating func apply(
    _ op: OperatorName,
    _ inputs: [ValueID?],
    _ attributes: [String: Attribute] = [:],
    name: String? = nil,
    outputNames: [String]? = nil,
    outputCount: Int? = nil
  ) throws(GraphError) -> [ValueID?] {
    let nodeName = name ?? freshName(op.name)
    guard let definition = OperatorRegistry.definition(of: op) else {
      throw .unknownOperator(op, node: nodeName)
    }
    let names =
      outputNames
      ?? (0..<(outputCount ?? definition.outputs.lowerBound)).map {
        $0 == 0 ? nodeName : "\(nodeName):\($0)"
      }
    var node = Node(
      op: op,
      name: nodeName,
      inputs: inputs,
      outputs: [ValueID?](repeating: nil, count: names.count),
      attributes: attributes
    )
    let depth = try depth(ofBodiesIn: node)
    let types = try definition.outputTypes(of: node, in: self)
    guard types.count >= names.count else {
      throw .invalid("node \(nodeName) (\(op)): \(names.count) outputs, it has \(types.count)")
    }
    let id = NodeID(nodes.count)
    for (index, outputName) in names.enumerated() where !outputName.isEmpty {
      let unique =
        self.names[outputName] == nil || outputNames != nil ? outputName : freshName(outputName)
      node.outputs[index] = try add(
        Value(name: unique, type: types[index], source: .output(of: id, index: index))
      )
    }
    nodes.append(node)
    bodyDepth = max(bodyDepth, depth)
    return node.outputs
  }

  /// Changes attributes of a node, as for a body that gives more.
  ///
  /// - Throws: `GraphError` where the operands do not fit any more or a type that others rely on changes.
  package mutating func setAttributes(
    of id: NodeID,
    _ attributes: [String: Attribute]
  ) throws(GraphError) {
    var node = nodes[id.index]
    guard let definition = OperatorRegistry.definition(of: node.op) else {
      throw .unknownOperator(node.op, node: node.name)
    }
    node.attributes.merge(attributes) { _, new in new }
    bodyDepth = max(bodyDepth, try depth(ofBodiesIn: node))
    let types = try definition.outputTypes(of: node, in: self)
    for (index, output) in node.outputs.enumerated() {
      guard let output else { continue }
      guard index < types.count, types[index] == self[output].type else {
        throw .invalid(
          "node \(node.name) (\(node.op)): output \(index) is \(self[output].type), after the change of its attributes "
            + (index < types.count ? "\(types[index])" : "not there")
        )
      }
    }
    nodes[id.index] = node
  }

  /// The same graph with its placeholders' types made more exact and every type behind them inferred anew.
  ///
  /// `values` holds the placeholders' values where they are known before the run. Throws `GraphError` where a given type contradicts a
  /// placeholder's or operands do not fit.
  package func retyped(
    inputs types: [ValueType?],
    values known: [Tensor?] = []
  ) throws(GraphError) -> Graph {
    var result = self
    var tensors: [ValueID: Tensor] = [:]
    for (position, id) in inputs.enumerated() where position < types.count {
      guard let given = types[position] else { continue }
      let declared = self[id].type
      guard given.dtype == declared.dtype,
        let shape = given.shape.refined(by: declared.shape)
      else {
        throw .invalid("input \(self[id].name) of graph \(name) is \(declared), given \(given)")
      }
      result.values[id.index].type.shape = shape
      if position < known.count, let tensor = known[position] { tensors[id] = tensor }
    }
    for node in nodes {
      guard let definition = OperatorRegistry.definition(of: node.op) else {
        throw .unknownOperator(node.op, node: node.name)
      }
      let types = try definition.outputTypes(
        of: node,
        inputTypes: node.inputs.map { $0.map { result[$0].type } },
        inputValues: node.inputs.map { $0.flatMap { constant($0) ?? tensors[$0] } }
      )
      for (index, output) in node.outputs.enumerated() where index < types.count {
        if let output { result.values[output.index].type = types[index] }
      }
    }
    return result
  }

  /// How deep the bodies of a node are nested, itself counted; refuses variables in them.
  private func depth(ofBodiesIn node: Node) throws(GraphError) -> Int {
    var depth = 0
    for (attribute, body) in node.bodies {
      guard body.variables.isEmpty else {
        throw .operands(
          node: node.name,
          op: node.op,
          detail: "attribute \(attribute) holds variables; a body gets them as inputs"
        )
      }
      depth = max(depth, body.bodyDepth + 1)
    }
    guard depth <= Graph.bodyDepthMax else {
      throw .unsupported(
        node: node.name,
        op: node.op,
        detail: "\(depth) bodies inside each other; at most \(Graph.bodyDepthMax) are read"
      )
    }
    return depth
  }

  /// Applies an operator that has one required output.
  package mutating func apply1(
    _ op: OperatorName,
    _ inputs: [ValueID?],
    _ attributes: [String: Attribute] = [:],
    name: String? = nil
  ) throws(GraphError) -> ValueID {
    guard let first = try apply(op, inputs, attributes, name: name, outputCount: 1).first,
      let value = first
    else { throw .invalid("operator \(op) has no output") }
    return value
  }

  /// The value of an output that a node has, made now where nobody had asked for it.
  ///
  /// - Throws: `GraphError.invalid` where the operator has no such output.
  package mutating func requestOutput(
    _ index: Int,
    of id: NodeID
  ) throws(GraphError) -> ValueID {
    var node = nodes[id.index]
    if index < node.outputs.count, let value = node.outputs[index] { return value }
    guard let definition = OperatorRegistry.definition(of: node.op) else {
      throw .unknownOperator(node.op, node: node.name)
    }
    let types = try definition.outputTypes(of: node, in: self)
    guard index < types.count else {
      throw .invalid("node \(node.name) (\(node.op)): no output \(index), it has \(types.count)")
    }
    while node.outputs.count <= index { node.outputs.append(nil) }
    let value = try add(
      Value(
        name: freshName("\(node.name):\(index)"),
        type: types[index],
        source: .output(of: id, index: index)
      )
    )
    node.outputs[index] = value
    nodes[id.index] = node
    return value
  }

  /// Gives a value another name, as for an output of the signature.
  package mutating func rename(_ value: ValueID, to name: String) throws(GraphError) {
    if names[name] == value { return }
    guard names[name] == nil else { throw .duplicateName(name) }
    names[self[value].name] = nil
    names[name] = value
    values[value.index].name = name
  }

  /// Replaces a variable's initial value, as when trained weights are stored back.
  ///
  /// - Throws: `GraphError.invalid` where the value is no variable or the tensor has another type or shape.
  package mutating func setInitialValue(of value: ValueID, to tensor: Tensor) throws(GraphError) {
    guard case .variable(let old, let trainable) = self[value].source else {
      throw .invalid("\(self[value].name) is not a variable")
    }
    guard old.dtype == tensor.dtype, old.shape == tensor.shape else {
      throw .invalid(
        "variable \(self[value].name) is \(old.dtype)\(old.shape), assigned \(tensor.dtype)\(tensor.shape)"
      )
    }
    values[value.index].source = .variable(initial: tensor, trainable: trainable)
  }

  /// A name that no value has: `prefix`, or `prefix_1`, `prefix_2`, ...
  package func freshName(_ prefix: String) -> String {
    if names[prefix] == nil { return prefix }
    var counter = values.count
    while names["\(prefix)_\(counter)"] != nil { counter += 1 }
    return "\(prefix)_\(counter)"
  }

  private mutating func add(_ value: Value) throws(GraphError) -> ValueID {
    guard names[value.name] == nil else { throw .duplicateName(value.name) }
    let id = ValueID(values.count)
    values.append(value)
    names[value.name] = id
    return id
  }
}

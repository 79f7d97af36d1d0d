import GraphIR
import Tensors

/// The graph under construction and the names of the file's values in it.
struct ImportContext {
  /// The version of ONNX's operators that the file uses.
  let opset: Int?
  private(set) var graph: Graph
  private var ids: [String: ValueID] = [:]
  private let initializers: [String: ONNXTensor]
  private let roles: [String: WeightFinder.Role]
  private let functions: Set<String>
  /// Bodies around this graph.
  private let depth: Int
  /// Weights that bodies hold in the file; they become variables of the whole model, which bodies capture.
  let hoisted: Set<String>
  /// Every name in the file: names made here must not take one of them.
  private var taken: Set<String>

  init(_ model: ONNXModel, _ role: ONNXReader.InitializerRole) throws {
    let source = model.graph
    opset = model.opsets[""]
    functions = Set(model.functions)
    depth = 0
    graph = Graph(name: source.name.isEmpty ? "graph" : source.name)
    let roles = role == .trainableVariables ? WeightFinder.roles(in: source) : [:]
    self.roles = roles
    let inBodies = source.bodyInitializers.filter { roles[$0.name] != nil }
    hoisted = Set(inBodies.map(\.name))
    var initializers: [String: ONNXTensor] = [:]
    for tensor in source.initializers + inBodies {
      guard initializers.updateValue(tensor, forKey: tensor.name) == nil else {
        throw GraphError.duplicateName(tensor.name)
      }
    }
    self.initializers = initializers
    taken = Set(initializers.keys)
    for node in source.nodes { taken.formUnion(node.outputs) }
    taken.formUnion(source.inputs.map(\.name))
    // Files before IR version 4 list initialisers among the inputs.
    for input in source.inputs where initializers[input.name] == nil {
      try addInput(input, of: source)
    }
  }

  /// The context of a body.
  ///
  /// `formal` are the types that the operator gives its inputs as far as they are known, `captured` what it reads from `outer`: placeholders,
  /// or constants of its own where they are small.
  init(
    body source: ONNXGraph,
    formal: [ValueType?],
    captured: [CapturedValue],
    in outer: ImportContext
  ) throws {
    opset = outer.opset
    functions = outer.functions
    hoisted = outer.hoisted
    roles = [:]
    depth = outer.depth + 1
    guard depth <= Graph.bodyDepthMax else {
      throw GraphError.unsupported(
        node: source.name,
        op: "If",
        detail: "more than \(Graph.bodyDepthMax) bodies inside each other"
      )
    }
    graph = Graph(name: source.name.isEmpty ? "body" : source.name)
    var initializers: [String: ONNXTensor] = [:]
    for tensor in source.initializers where !hoisted.contains(tensor.name) {
      guard initializers.updateValue(tensor, forKey: tensor.name) == nil else {
        throw GraphError.duplicateName(tensor.name)
      }
    }
    self.initializers = initializers
    taken = Set(initializers.keys)
    for node in source.nodes { taken.formUnion(node.outputs) }
    taken.formUnion(source.inputs.map(\.name))
    taken.formUnion(captured.map(\.name))
    for (position, input) in source.inputs.enumerated() {
      try addInput(input, of: source, given: position < formal.count ? formal[position] : nil)
    }
    for value in captured {
      if let tensor = value.constant {
        ids[value.name] = try graph.constant(tensor, name: value.name)
      } else {
        ids[value.name] = try graph.placeholder(value.name, value.type.dtype, value.type.shape)
      }
    }
  }

  /// Adds the nodes of the graph in an order in which they can be added.
  mutating func addNodes(of source: ONNXGraph) throws {
    if source.sparseInitializerCount > 0 {
      throw GraphError.unsupported(
        node: source.name,
        op: "Constant",
        detail: "the graph has sparse initialisers"
      )
    }
    let outer = depth > 0 ? Set(ids.keys) : hoisted
    for index in try NodeOrder.sorted(source, outer: outer) {
      let node = source.nodes[index]
      try checkDomain(of: node)
      for upgraded in try Upgrades.apply(to: node, &self) { try add(upgraded) }
    }
  }

  private mutating func addInput(
    _ input: ONNXValueInfo,
    of source: ONNXGraph,
    given: ValueType? = nil
  ) throws {
    let reader = source.nodes.first { $0.inputs.contains(input.name) }
    func unsupported(_ what: String) -> GraphError {
      let detail = "input \(input.name) is \(what)"
      return reader?.unsupported(detail)
        ?? .unsupported(node: source.name, op: "Identity", detail: detail)
    }
    if let kind = input.otherKind { throw unsupported(kind) }
    guard let code = input.typeCode ?? given?.dtype.onnxCode else {
      throw GraphError.invalid("input \(input.name) has no type")
    }
    guard let dtype = DType(onnxCode: code), given?.dtype ?? dtype == dtype else {
      if let given {
        throw GraphError.invalid(
          "input \(input.name) of \(source.name) is given \(given) and declared as \(ONNXTypeName.describe(code))"
        )
      }
      throw unsupported("of \(ONNXTypeName.describe(code))")
    }
    if let known = input.dimensions?.compactMap(\.size) {
      do {
        _ = try Shape(validating: known)
      } catch { throw GraphError.invalid("input \(input.name): \(error)") }
    }
    var shape = PartialShape(input.dimensions)
    if let given {
      guard let both = given.shape.refined(by: shape) else {
        throw GraphError.invalid(
          "input \(input.name) of \(source.name) is given \(given) and declared as \(dtype)\(shape)"
        )
      }
      shape = both
    }
    ids[input.name] = try graph.placeholder(input.name, dtype, shape)
  }

  /// Refuses operators outside ONNX's own domain, and models that are too old.
  func checkDomain(of node: ONNXNode) throws(GraphError) {
    if functions.contains(node.op) {
      throw node.unsupported(
        "it calls a function of the model; export the model with functions inlined"
      )
    }
    guard node.domain.isEmpty else {
      throw node.unsupported("operators of domain \(node.domain) are not read")
    }
    guard let opset else {
      throw node.invalid("the model does not say which opset of ai.onnx it uses")
    }
    guard opset >= ONNXLimits.opsetMin else {
      throw node.unsupported("opset \(opset); \(ONNXLimits.opsetMin) and later are read")
    }
  }

  /// The type of a value that a node reads, `nil` where the input is left out.
  mutating func type(of name: String, for node: ONNXNode) throws -> ValueType? {
    try id(of: name, for: node).map { graph[$0].type }
  }

  /// The value of an input where it is a constant.
  mutating func constant(_ name: String, for node: ONNXNode) throws -> Tensor? {
    try id(of: name, for: node).flatMap { graph.constant($0) }
  }

  /// A name that neither file nor graph uses, for a value made beside `node`.
  mutating func freshName(_ node: ONNXNode, _ suffix: String) -> String {
    let stem = "\(node.name)/\(suffix)"
    var name = stem
    var counter = 1
    while !taken.insert(name).inserted {
      counter += 1
      name = "\(stem)_\(counter)"
    }
    return name
  }

  /// Adds a constant that an upgrade needs and returns its name.
  mutating func addConstant(_ tensor: Tensor, _ node: ONNXNode, _ suffix: String) throws -> String {
    let name = freshName(node, suffix)
    ids[name] = try graph.constant(tensor, name: name)
    return name
  }

  /// Adds a node that has the form of opset 21.
  mutating func add(_ node: ONNXNode) throws {
    if node.op == "Constant" { return try addConstantNode(node) }
    if try addWidenedWeight(node) { return }
    var inputs: [ValueID?] = []
    for name in node.inputs { inputs.append(try id(of: name, for: node)) }
    var attributes = node.attributes
    if node.bodies.isEmpty {
      while let last = inputs.last, last == nil { inputs.removeLast() }
    } else {
      try addBodies(of: node, &inputs, &attributes)
    }
    var outputNames = node.outputs
    while outputNames.last == "" { outputNames.removeLast() }
    let outputs = try graph.apply(
      node.operatorName,
      inputs,
      attributes,
      name: node.name,
      outputNames: outputNames
    )
    for (name, id) in zip(outputNames, outputs) { ids[name] = id }
  }

  /// A Constant node: its one attribute says what it holds.
  private mutating func addConstantNode(_ node: ONNXNode) throws {
    guard node.attributes.count == 1, let (name, attribute) = node.attributes.first,
      node.outputs.count == 1, let output = node.outputs.first
    else { throw node.invalid("a constant has one attribute and one output") }
    let tensor: Tensor
    switch (name, attribute) {
    case ("value", .tensor(let value)): tensor = value
    case ("value_float", .float(let value)): tensor = Tensor(scalar: value)
    case ("value_floats", .floats(let values)): tensor = Tensor(vector: values)
    case ("value_int", .int(let value)): tensor = Tensor(scalar: Int64(value))
    case ("value_ints", .ints(let values)): tensor = Tensor(vector: values.map(Int64.init))
    case ("value_string", _), ("value_strings", _): throw node.unsupported("constant strings")
    default: throw node.invalid("attribute \(name) is not one that a constant has")
    }
    ids[output] = try graph.constant(tensor, name: output)
  }

  /// A Cast of a float16 initialiser to float32: weights stored in half the bytes, which are what the Cast makes of them.
  private mutating func addWidenedWeight(_ node: ONNXNode) throws -> Bool {
    guard node.op == "Cast", node.inputs.count == 1, node.outputs.count == 1,
      case .int(DType.float32.onnxCode)? = node.attributes["to"],
      let initializer = initializers[node.inputs[0]],
      initializer.typeCode == DType.float16.onnxCode
    else { return false }
    do {
      let tensor = try initializer.tensor().widened()
      ids[node.outputs[0]] = try addWeight(tensor, node.outputs[0], roles[initializer.name])
    } catch let error as ONNXUnsupported {
      throw node.unsupported(error.detail)
    }
    return true
  }

  /// Finds a value; an initialiser is decoded when it is first read, so that an error names the reader.
  mutating func id(of name: String, for node: ONNXNode) throws -> ValueID? {
    if name.isEmpty { return nil }
    if let id = ids[name] { return id }
    guard let initializer = initializers[name] else {
      throw node.invalid("reads '\(name)', which nothing defines")
    }
    do {
      return try addInitializer(initializer)
    } catch let error as ONNXUnsupported {
      throw node.unsupported(error.detail)
    }
  }

  private mutating func addInitializer(_ initializer: ONNXTensor) throws -> ValueID {
    let tensor = try initializer.tensor()
    let id = try addWeight(tensor, initializer.name, roles[initializer.name])
    ids[initializer.name] = id
    return id
  }

  private mutating func addWeight(
    _ tensor: Tensor,
    _ name: String,
    _ role: WeightFinder.Role?
  ) throws(GraphError) -> ValueID {
    switch role {
    case .weight? where tensor.dtype.isFloatingPoint:
      try graph.variable(name, tensor, trainable: true)
    case .statistic? where tensor.dtype.isFloatingPoint:
      try graph.variable(name, tensor, trainable: false)
    default:
      try graph.constant(tensor, name: name)
    }
  }

  /// Sets the graph's outputs and compares their element types with what the file declares.
  mutating func finish(_ outputs: [ONNXValueInfo]) throws {
    guard !outputs.isEmpty else { throw GraphError.invalid("the graph has no outputs") }
    for output in outputs {
      if let kind = output.otherKind {
        throw GraphError.unsupported(
          node: output.name,
          op: "Identity",
          detail: "output \(output.name) is \(kind)"
        )
      }
      if ids[output.name] == nil, let initializer = initializers[output.name] {
        do {
          _ = try addInitializer(initializer)
        } catch let error as ONNXUnsupported {
          throw GraphError.unsupported(node: output.name, op: "Constant", detail: error.detail)
        }
      }
      guard let id = ids[output.name] else { throw GraphError.unknownValue(output.name) }
      guard depth > 0 || !graph.outputs.contains(id) else {
        throw GraphError.duplicateName(output.name)
      }
      if let code = output.typeCode, code != graph[id].type.dtype.onnxCode {
        let declared = DType(onnxCode: code)?.description ?? ONNXTypeName.describe(code)
        throw GraphError.invalid(
          "output \(output.name) is declared as \(declared) and computed as \(graph[id].type.dtype)"
        )
      }
      graph.outputs.append(id)
    }
  }
}

import GraphIR
import Tensors

/// A value that a body reads from around it.
struct CapturedValue {
  let name: String
  let id: ValueID
  let type: ValueType
  /// Set where the body gets a copy instead of an input.
  let constant: Tensor?

  /// Elements that a captured constant of whole numbers may have to be copied: axes, shapes and the like, which shape rules read.
  static let copiedElementCountMax = 1024

  init(name: String, id: ValueID, in graph: Graph) {
    self.name = name
    self.id = id
    type = graph[id].type
    constant = graph.constant(id).flatMap { tensor in
      let limit = tensor.dtype.isFloatingPoint ? 1 : CapturedValue.copiedElementCountMax
      return tensor.shape.elementCount <= limit ? tensor : nil
    }
  }
}

extension ImportContext {
  /// Imports the bodies of a node: what they read from this graph becomes inputs of the node behind its formal ones.
  mutating func addBodies(
    of node: ONNXNode,
    _ inputs: inout [ValueID?],
    _ attributes: inout [String: Attribute]
  ) throws {
    let bodies = node.bodies.sorted { $0.key < $1.key }
    var captured: [CapturedValue] = []
    var seen: Set<String> = []
    for (_, body) in bodies {
      for name in body.captures + body.initializerNames(in: hoisted)
      where seen.insert(name).inserted {
        guard let id = try id(of: name, for: node) else { continue }
        captured.append(CapturedValue(name: name, id: id, in: graph))
      }
    }
    if node.op == "Loop" { while inputs.count < 2 { inputs.append(nil) } }
    let formal = try formalTypes(node, inputs)
    for (name, body) in bodies {
      var context = try ImportContext(body: body, formal: formal, captured: captured, in: self)
      try context.addNodes(of: body)
      try context.finish(body.outputs)
      attributes[name] = .graph(context.graph)
    }
    let placeholders = captured.filter { $0.constant == nil }
    inputs += placeholders.map(\.id)
    if node.op != "If" { attributes[Node.capturesAttribute] = .int(placeholders.count) }
  }

  /// What the operator says about the types of its bodies' formal inputs.
  private func formalTypes(_ node: ONNXNode, _ inputs: [ValueID?]) throws -> [ValueType?] {
    let types = inputs.map { $0.map { graph[$0].type } }
    switch node.op {
    case "Scan":
      let first = inputs.count - (try node.int("num_scan_inputs", default: 0))
      guard (0...inputs.count).contains(first) else { return [] }
      var axes = [Int](repeating: 0, count: inputs.count - first)
      if case .ints(let given)? = node.attributes["scan_input_axes"], given.count == axes.count {
        axes = given
      }
      return types.enumerated().map { position, type in
        guard position >= first, let type, let rank = type.shape.rank else { return type }
        let axis = axes[position - first]
        return ValueType(type.dtype, type.shape.removing(axis: axis < 0 ? axis + rank : axis))
      }
    case "Loop":
      // A carried value may change its sizes from step to step, though hardly its rank.
      let carried = types.dropFirst(2).map { type in
        type.map { type in
          ValueType(type.dtype, type.shape.rank.map { .unknown(rank: $0) } ?? .unranked)
        }
      }
      return [ValueType(.int64, []), ValueType(.bool, [])] + carried
    default: return []
    }
  }
}

extension ONNXGraph {
  /// The initialisers of all bodies below this graph.
  var bodyInitializers: [ONNXTensor] {
    nodes.flatMap { node in
      node.bodies.sorted { $0.key < $1.key }.flatMap {
        $0.value.initializers + $0.value.bodyInitializers
      }
    }
  }

  /// The nodes with those of their bodies, which stand before the node that runs them.
  var nodesWithBodies: [ONNXNode] {
    nodes.flatMap { node in
      node.bodies.sorted { $0.key < $1.key }.flatMap(\.value.nodesWithBodies) + [node]
    }
  }

  /// The names among `wanted` that this body or one below it initialises.
  func initializerNames(in wanted: Set<String>) -> [String] {
    wanted.isEmpty
      ? [] : (initializers + bodyInitializers).map(\.name).filter(wanted.contains)
  }
}

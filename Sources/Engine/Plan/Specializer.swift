import GraphIR
import Tensors

/// Gives every value of a graph its concrete shape, and folds everything that is then known.
struct Specializer {
  /// Elements that a folded value may have: larger results stay computations.
  static let foldedElementCountMax = 1 << 20

  let graph: Graph
  /// Shapes of the fed placeholders.
  let inputShapes: [ValueID: Shape]
  /// Values of fed placeholders that decide shapes.
  let inputValues: [ValueID: Tensor]
  /// Placeholders of a body whose values are constants of the plan around it, with their keys.
  var constants: [ValueID: (tensor: Tensor, key: String?)] = [:]
  /// Placeholders of a branch that becomes part of the plan around it, as that plan's values.
  var bound: [ValueID: Int] = [:]
  /// Keeps the constants' keys of such a branch apart.
  var keyPrefix = ""
  /// Where folded constants are kept for other plans.
  let resources: SessionResources

  /// Specialises what `fetches` need.
  ///
  /// - Throws: `GraphError` for operands that do not fit, `EngineError.dynamicShape` where a shape depends on data.
  func specialize(_ fetches: [ValueID]) throws -> PlanGraph {
    var plan = PlanGraph()
    plan.fetches = try emit(fetches, into: &plan)
    return plan
  }

  /// Adds what `fetches` need to a plan and gives their values there.
  func emit(_ fetches: [ValueID], into plan: inout PlanGraph) throws -> [Int] {
    var indices = bound
    let needed = graph.nodesNeeded(for: fetches)
    let read = graph.valuesRead(by: needed).union(fetches)

    func index(of id: ValueID, in plan: inout PlanGraph) throws -> Int {
      if let known = indices[id] { return known }
      let value = graph[id]
      let new: PlanGraph.PlanValue
      switch value.source {
      case .constant(let tensor):
        new = .init(
          name: value.name,
          dtype: tensor.dtype,
          shape: tensor.shape,
          origin: .constant(tensor, key: "\(keyPrefix)v\(id.index)")
        )
      case .variable(let initial, _):
        new = .init(
          name: value.name,
          dtype: initial.dtype,
          shape: initial.shape,
          origin: .variable(id)
        )
      case .placeholder:
        if let constant = constants[id] {
          new = .init(
            name: value.name,
            dtype: constant.tensor.dtype,
            shape: constant.tensor.shape,
            origin: .constant(constant.tensor, key: constant.key)
          )
        } else if let tensor = inputValues[id] {
          new = .init(
            name: value.name,
            dtype: tensor.dtype,
            shape: tensor.shape,
            origin: .constant(tensor, key: nil)
          )
        } else if let shape = inputShapes[id] {
          new = .init(
            name: value.name,
            dtype: value.type.dtype,
            shape: shape,
            origin: .placeholder(id)
          )
        } else {
          throw EngineError.missingFeed(name: value.name, expected: value.type)
        }
      case .output:
        throw GraphError.invalid("value \(value.name) is read before it is computed")
      }
      indices[id] = plan.values.count
      plan.values.append(new)
      return plan.values.count - 1
    }

    for (position, node) in graph.nodes.enumerated() where needed.contains(NodeID(position)) {
      guard let definition = OperatorRegistry.definition(of: node.op) else {
        throw GraphError.unknownOperator(node.op, node: node.name)
      }
      var inputs: [Int?] = []
      for id in node.inputs { inputs.append(try id.map { try index(of: $0, in: &plan) }) }
      if !node.bodies.isEmpty {
        let results = try emitBodies(of: node, position, inputs, read: read, into: &plan)
        for case (let id?, let result?) in zip(node.outputs, results) { indices[id] = result }
        continue
      }
      let known = inputs.map { plan.constant($0) }
      let types = inputs.map { input in
        input.map { ValueType(plan.values[$0].dtype, PartialShape(plan.values[$0].shape)) }
      }
      let outputTypes = try definition.outputTypes(
        of: node,
        inputTypes: types,
        inputValues: known
      )
      let keys = inputs.map { plan.constantKey($0) }
      let isShared = !inputs.isEmpty && zip(inputs, keys).allSatisfy { $0 == nil || $1 != nil }
      let compute = {
        try fold(
          node,
          position,
          definition: definition,
          known: known,
          types: types,
          outputs: outputTypes
        )
      }
      let folded =
        isShared ? try resources.weights.folded("\(keyPrefix)n\(position)", compute) : try compute()
      var outputs: [Int?] = []
      for (slot, id) in node.outputs.enumerated() {
        guard let id else {
          outputs.append(nil)
          continue
        }
        let origin: PlanGraph.Origin
        let shape: Shape
        var dtype = outputTypes[slot].dtype
        if let folded, slot < folded.count, let tensor = folded[slot] {
          origin = .constant(tensor, key: isShared ? "\(keyPrefix)n\(position).\(slot)" : nil)
          shape = tensor.shape
          dtype = tensor.dtype
        } else if let concrete = outputTypes[slot].shape.concrete {
          origin = .computed
          shape = concrete
        } else {
          throw EngineError.dynamicShape(node: node.name, op: node.op)
        }
        indices[id] = plan.values.count
        outputs.append(plan.values.count)
        plan.values.append(
          .init(name: graph[id].name, dtype: dtype, shape: shape, origin: origin)
        )
      }
      if folded == nil {
        plan.operations.append(
          .init(
            node: node,
            nodeIndex: (try? node.int(streamAttribute, default: position)) ?? position,
            inputs: inputs,
            outputs: outputs
          )
        )
      }
    }
    return try fetches.map { try index(of: $0, in: &plan) }
  }

  /// The outputs of a node that is known before the run: Shape and Size of any value, and whatever has only known operands.
  private func fold(
    _ node: Node,
    _ position: Int,
    definition: OperatorDefinition,
    known: [Tensor?],
    types: [ValueType?],
    outputs: [ValueType]
  ) throws -> [Tensor?]? {
    guard !definition.isRandom, definition.updatedInputs.isEmpty else { return nil }
    var operands = known
    if node.op == "Shape" || node.op == "Size" {
      // Only the operand's shape matters: a tensor of that shape without elements' values would do, but none has to be made.
      guard let shape = types[0]?.shape.concrete else { return nil }
      return [try ShapeFolding.value(of: node, shape: shape)]
    }
    if node.op == "CastLike", let type = types[1]?.dtype {
      // Only the type of the second operand matters.
      operands[1] = Tensor(zeros: type, [])
    }
    for (slot, input) in node.inputs.enumerated() where input != nil && operands[slot] == nil {
      return nil
    }
    guard
      outputs.allSatisfy({ type in
        type.shape.concrete.map { $0.elementCount <= Specializer.foldedElementCountMax } ?? true
      }), let function = ReferenceOperators.function(for: node.op)
    else { return nil }
    operands.removeLast(max(0, operands.count - node.inputs.count))
    return try function(
      ReferenceCall(node: node, inputs: operands, nodeIndex: position, random: RandomState())
    )
  }
}

/// Shape and Size, from a shape alone.
enum ShapeFolding {
  static func value(of node: Node, shape: Shape) throws -> Tensor {
    if node.op == "Size" { return Tensor(scalar: Int64(shape.elementCount)) }
    let rank = shape.rank
    func clamped(_ index: Int) -> Int { min(max(index < 0 ? index + rank : index, 0), rank) }
    let start = clamped(try node.int("start", default: 0))
    let end = clamped(try node.int("end", default: rank))
    let sizes = start < end ? Array(shape.dimensions[start..<end]) : []
    return Tensor(vector: sizes.map(Int64.init))
  }
}

/// Carries a random node's number through graph passes and rewrites, so that it keeps its stream of random numbers.
package let streamAttribute = "martlet_stream"

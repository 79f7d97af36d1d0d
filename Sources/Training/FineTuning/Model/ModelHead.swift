package import GraphIR
import Tensors

/// The last trained linear map before the logits: what transfer learning replaces.
package struct ModelHead: Sendable {
  /// A Gemm, a MatMul or a Conv with a 1x1 kernel.
  package let node: NodeID
  /// The operand that holds the weights.
  let weight: Operand
  let bias: Operand?
  /// Numbers that the map makes.
  package let classCount: Int

  /// A parameter as the node reads it: possibly a variable in another arrangement.
  struct Operand: Sendable {
    let value: ValueID
    /// The variable (a constant for a bias of one number) behind it.
    let root: ValueID
    let shape: Shape
    let classAxis: Int
  }

  /// Operators between head and logits that keep the meaning of a class's number, or at least its place.
  private static let passed: Set<OperatorName> = [
    "Identity", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Dropout", "GlobalAveragePool",
    "GlobalMaxPool", "AveragePool", "ReduceMean", "Relu", "Clip",
  ]

  /// Finds the head by walking back from the logits.
  ///
  /// - Throws: `FineTuningError.head` naming the node that ends the search.
  init(of graph: Graph, logits: ValueID) throws(FineTuningError) {
    var value = logits
    var addedBias: (value: ValueID, data: ValueID)?
    while case .output(let id, _) = graph[value].source {
      let node = graph[id]
      if ["Gemm", "MatMul", "Conv"].contains(node.op) {
        let added = addedBias.flatMap { $0.data == value ? $0.value : nil }
        try self.init(linear: id, bias: added, in: graph)
        return
      }
      addedBias = nil
      if node.op == "Add", let (data, bias) = Self.dataAndBias(of: node, in: graph) {
        addedBias = (bias, data)
        value = data
      } else if Self.passed.contains(node.op), case .some(let next)? = node.inputs.first {
        value = next
      } else {
        throw .head("node \(node.name) (\(node.op)) stands between the logits and a linear map")
      }
    }
    throw .head("no trained linear map computes \(graph[logits].name)")
  }

  private static func dataAndBias(of node: Node, in graph: Graph) -> (ValueID, ValueID)? {
    guard node.inputs.count == 2, let left = node.inputs[0], let right = node.inputs[1] else {
      return nil
    }
    switch (graph.parameter(behind: left), graph.parameter(behind: right)) {
    case (nil, .some): return (left, right)
    case (.some, nil): return (right, left)
    default: return nil
    }
  }

  /// Reads weights and bias of a linear node.
  private init(
    linear id: NodeID,
    bias added: ValueID?,
    in graph: Graph
  ) throws(FineTuningError) {
    let node = graph[id]
    func reason(_ detail: String) -> FineTuningError {
      .head("node \(node.name) (\(node.op)) \(detail)")
    }
    guard node.inputs.count >= 2, let operand = node.inputs[1],
      let root = graph.parameter(behind: operand), graph.isTrainable(root),
      let shape = graph[operand].type.shape.concrete
    else { throw reason("does not read its weights from the file as second operand") }
    var axis = 0
    var bias = node.inputs.count > 2 ? node.inputs[2] : nil
    switch node.op.name {
    case "Gemm":
      let isTransposed = ((try? node.int("transB", default: 0)) ?? 0) != 0
      axis = isTransposed ? 0 : 1
    case "MatMul":
      guard shape.rank == 2 else { throw reason("has weights \(shape), no matrix") }
      axis = 1
      bias = nil
    default:
      guard shape.rank > 2, shape.dimensions.dropFirst(2).allSatisfy({ $0 == 1 }),
        (try? node.int("group", default: 1)) == 1
      else { throw reason("has weights \(shape), no 1x1 kernel") }
    }
    guard Self.isOnlyReader(of: operand, root: root, in: graph) else {
      throw reason("shares its weights \(graph[root].name) with another node")
    }
    self.node = id
    classCount = shape[axis]
    weight = Operand(value: operand, root: root, shape: shape, classAxis: axis)
    // Axes of a bias count from the right: the channels of a convolution stand before its spatial axes.
    let fromRight = node.op == "Conv" && bias == nil ? shape.rank - 1 : 1
    self.bias = try Self.bias(bias ?? added, classCount, axisFromRight: fromRight, in: graph)
  }

  private static func bias(
    _ value: ValueID?,
    _ classCount: Int,
    axisFromRight: Int,
    in graph: Graph
  ) throws(FineTuningError) -> Operand? {
    guard let value else { return nil }
    guard let root = graph.parameter(behind: value), let shape = graph[value].type.shape.concrete,
      isOnlyReader(of: value, root: root, in: graph)
    else { throw .head("its bias \(graph[value].name) is computed or shared") }
    let axis = shape.rank - axisFromRight
    guard shape.dimensions.indices.contains(axis), shape[axis] == classCount,
      shape.elementCount == classCount
    else {
      throw .head("its bias \(graph[value].name) has shape \(shape) for \(classCount) classes")
    }
    return Operand(value: value, root: root, shape: shape, classAxis: axis)
  }

  /// True where nobody else reads the parameter, in whatever arrangement.
  private static func isOnlyReader(of value: ValueID, root: ValueID, in graph: Graph) -> Bool {
    var current = value
    while true {
      guard graph.consumers(of: current).count == 1, !graph.outputs.contains(current) else {
        return false
      }
      guard current != root, case .output(let id, _) = graph[current].source,
        case .some(let next)? = graph[id].inputs.first
      else { return current == root }
      current = next
    }
  }
}

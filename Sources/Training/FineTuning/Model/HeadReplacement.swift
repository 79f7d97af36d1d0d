import GraphIR
import NN
import Tensors

/// Exchanges what a task needs in a graph: the head for one of other classes, the function behind the logits.
struct HeadReplacement {
  /// Classes of the new head, with fresh weights; `nil` keeps the old one.
  var classCount: Int?
  var task: FineTuningTask
  /// Seeds the new weights.
  var seed: UInt64

  /// The changed graph; names stay, shapes follow.
  ///
  /// Weights are drawn after Glorot & Bengio 2010, as for every layer without a rectifier behind it; the bias starts at 0.
  ///
  /// - Throws: `FineTuningError.head` naming the node that cannot have other classes.
  func applied(to source: Graph, tail: ModelTail) throws -> Graph {
    var head: ModelHead?
    if classCount != nil { head = try ModelHead(of: source, logits: tail.logits) }
    var copy = GraphCopy(of: source)
    for input in source.inputs { _ = try copy.value(input) }
    if let head, let classCount {
      guard classCount >= 1, classCount <= Self.classCountMax else {
        throw FineTuningError.head("\(classCount) classes; 1 to \(Self.classCountMax) are possible")
      }
      try bindFresh(head.weight, classCount, .glorotUniform, in: &copy)
      if let bias = head.bias { try bindFresh(bias, classCount, .zeros, in: &copy) }
    }
    let behind =
      head.map { head in
        source.values(
          dependingOn: Set(source[head.node].outputs.compactMap { $0 }),
          for: source.outputs
        )
      } ?? []
    for id in copy.nodesNeeded(for: source.outputs) {
      let node = source[id]
      let readsHead = node.inputs.contains { $0.map(behind.contains) ?? false }
      do {
        if id == tail.node {
          try addTail(id, rank: source[tail.logits].type.shape.rank ?? 2, to: &copy)
        } else if let head, node.op == "Reshape", readsHead {
          try addReshape(id, head, to: &copy)
        } else {
          try copy.add(id)
        }
      } catch {
        throw FineTuningError.head(
          "node \(node.name) (\(node.op)) does not fit \(classCount ?? 0) classes: \(error)"
        )
      }
    }
    for output in source.outputs { copy.graph.outputs.append(try copy.value(output)) }
    return copy.graph
  }

  /// Classes that a head may have.
  static let classCountMax = 100_000

  /// Makes a new variable of the parameter's name, read where the old one was.
  private func bindFresh(
    _ operand: ModelHead.Operand,
    _ classCount: Int,
    _ initializer: Initializer,
    in copy: inout GraphCopy
  ) throws {
    var sizes = operand.shape.dimensions
    sizes[operand.classAxis] = classCount
    let name = copy.source[operand.root].name
    let initial = initializer.tensor(try Shape(validating: sizes), seed: seed, name: name)
    copy.bind(operand.value, to: try copy.graph.variable(name, initial))
  }

  /// The function behind the logits that fits the task.
  private func addTail(
    _ id: NodeID,
    rank: Int,
    to copy: inout GraphCopy
  ) throws(GraphError) {
    let op = copy.source[id].op
    switch task {
    case .classification where op == "Sigmoid":
      try copy.add(id, op: "Softmax", attributes: ["axis": .int(rank > 2 ? 1 : -1)])
    case .multiLabel where op != "Sigmoid":
      try copy.add(id, op: "Sigmoid", attributes: [:])
    case .regression where classCount != nil:
      try copy.add(id, op: "Identity", attributes: [:])
    default:
      try copy.add(id)
    }
  }

  /// A Reshape behind the head: a constant shape that says the old number of classes gets the new one.
  private func addReshape(
    _ id: NodeID,
    _ head: ModelHead,
    to copy: inout GraphCopy
  ) throws(GraphError) {
    let node = copy.source[id]
    guard let classCount, classCount != head.classCount, node.inputs.count == 2,
      case .some(let target) = node.inputs[1], let shape = copy.source.constant(target),
      shape.dtype == .int64
    else { return try copy.add(id) }
    var sizes = shape.elements(of: Int64.self)
    // The first size is that of the batch.
    let places = sizes.indices.dropFirst().filter { sizes[$0] == Int64(head.classCount) }
    guard !places.isEmpty else { return try copy.add(id) }
    guard places.count == 1 else {
      throw .invalid("which size in \(sizes) is the number of classes cannot be told")
    }
    sizes[places[0]] = Int64(classCount)
    let constant = try copy.constant(Tensor(vector: sizes), near: copy.source[target].name)
    var operands = try copy.inputs(of: id)
    operands[1] = constant
    try copy.add(id, inputs: operands)
  }
}

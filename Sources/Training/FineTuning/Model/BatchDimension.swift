import Engine
package import GraphIR
import Tensors

/// Frees a graph from a batch size that its file fixed: many exporters write `[1, ...]`, and training needs batches.
package enum BatchDimension {
  static let symbol = "N"
  /// Batches of the fixed size on which both graphs are compared.
  static let comparedBatches = 3
  /// Numbers that the compared rows may hold together.
  static let comparedElementCountMax = 1 << 24
  /// Largest difference of an output, relative to 1 + its largest magnitude.
  static let tolerance: Float = 1e-4

  /// The same graph whose input takes any number of rows, every name kept.
  ///
  /// Reshapes to constant shapes that start with the fixed size copy their operand's first dimension instead. Where there was a fixed
  /// size, both graphs are run on the same rows.
  ///
  /// - Throws: `FineTuningError.model` naming the node that needs the fixed size.
  package static func freed(_ source: Graph, input: ValueID) throws -> Graph {
    guard let dimensions = source[input].type.shape.dimensions, let first = dimensions.first else {
      throw FineTuningError.model("input \(source[input].name) has no row dimension")
    }
    let freed: Graph
    do {
      freed = try rewritten(source, input: input, first, Array(dimensions.dropFirst()))
    } catch {
      guard first.size != nil else { throw error }
      throw FineTuningError.model("it has a fixed batch of \(first), and without it \(error)")
    }
    if let batch = first.size { try compare(source, freed, input: input, batch: batch) }
    return freed
  }

  private static func rewritten(
    _ source: Graph,
    input: ValueID,
    _ first: Dimension,
    _ rest: [Dimension]
  ) throws(GraphError) -> Graph {
    var copy = GraphCopy(of: source)
    let rows: Dimension = if case .symbol = first { first } else { .symbol(symbol) }
    try copy.feed(input, shape: PartialShape([rows] + rest))
    let dependent = source.values(dependingOn: [input], for: source.outputs)
    for id in copy.nodesNeeded(for: source.outputs) {
      let node = source[id]
      guard let batch = first.size, node.op == "Reshape", node.inputs.count == 2,
        case .some(let data) = node.inputs[0], dependent.contains(data),
        case .some(let target) = node.inputs[1], let shape = source.constant(target),
        shape.dtype == .int64
      else {
        try copy.add(id)
        continue
      }
      var sizes = shape.elements(of: Int64.self)
      guard sizes.first == Int64(batch) else {
        try copy.add(id)
        continue
      }
      let operand = try copy.value(data)
      let copiesFirst = copy.graph[operand].type.shape.dimensions?.first == rows
      sizes[0] = copiesFirst || sizes.contains(-1) ? 0 : -1
      var attributes = node.attributes
      attributes["allowzero"] = nil
      let constant = try copy.constant(Tensor(vector: sizes), near: source[target].name)
      try copy.add(id, inputs: [operand, constant], attributes: attributes)
    }
    for output in source.outputs { copy.graph.outputs.append(try copy.value(output)) }
    return copy.graph
  }

  /// Runs both graphs on the same rows.
  private static func compare(
    _ fixed: Graph,
    _ freed: Graph,
    input: ValueID,
    batch: Int
  ) throws {
    let type = fixed[input].type
    guard let shape = type.shape.concrete, let other = freed.value(named: fixed[input].name) else {
      throw FineTuningError.model(
        "input \(fixed[input].name) is \(type); its rows must have a size"
      )
    }
    let rowSize = shape.elementCount
    guard batch >= 1, rowSize <= comparedElementCountMax / comparedBatches else {
      throw FineTuningError.model("its input \(fixed[input].name) has a fixed shape \(type)")
    }
    let all = try Shape(validating: [batch * comparedBatches] + shape.dimensions.dropFirst())
    var random = Philox(seed: 1)
    let numbers = (0..<all.elementCount).map { _ in random.uniform() }
    let whole: [Tensor]
    do {
      whole = try Session(freed).run(freed.outputs, feeds: [other: Tensor(numbers, all)])
    } catch {
      throw FineTuningError.model("it works only on batches of \(batch): \(error)")
    }
    let session = try Session(fixed)
    var expected = [[Float]](repeating: [], count: fixed.outputs.count)
    for part in 0..<comparedBatches {
      let rows = Tensor(Array(numbers[part * rowSize..<(part + 1) * rowSize]), shape)
      for (index, tensor) in try session.run(fixed.outputs, feeds: [input: rows]).enumerated()
      where tensor.dtype == .float32 {
        expected[index] += tensor.elements(of: Float.self)
      }
    }
    for (index, tensor) in whole.enumerated() where tensor.dtype == .float32 {
      let found = tensor.elements(of: Float.self)
      let scale = 1 + (expected[index].map(abs).max() ?? 0)
      guard found.count == expected[index].count,
        zip(found, expected[index]).allSatisfy({ abs($0 - $1) <= tolerance * scale })
      else {
        throw FineTuningError.model(
          "output \(fixed[fixed.outputs[index]].name) differs between batches of \(batch) and larger ones; "
            + "export the model with a free batch dimension"
        )
      }
    }
  }
}

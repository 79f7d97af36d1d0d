package import GraphIR
import Tensors

/// A recurrent layer of any cell, run by a Scan: slower than the fused `Recurrent`, open to every formula.
///
/// x [N, T, I]; y [N, T, H]. The variables are the cell's, in the scope of the layer's name.
package struct CellLayer: Sendable {
  package var name: String
  package var cell: any StepCell
  /// From the last step to the first.
  package var isReversed: Bool

  package init(_ name: String, _ cell: any StepCell, isReversed: Bool = false) {
    self.name = name
    self.cell = cell
    self.isReversed = isReversed
  }

  /// Adds the layer.
  ///
  /// - Parameters:
  ///   - x: [N, T, I].
  ///   - lengths: int32 [N], how many steps of each sequence count: behind them outputs are zero and states stay; all when `nil`.
  ///   - initial: the state to start from; zeros when `nil`.
  ///   - context: what the layer is added to.
  /// - Returns: every step's output and one final state.
  /// - Throws: `GraphError` where I is not known or operands do not fit.
  package func callAsFunction(
    _ x: ValueID,
    lengths: ValueID? = nil,
    initial: RecurrentState? = nil,
    in context: inout LayerContext
  ) throws(GraphError) -> RecurrentOutput {
    guard cell.units > 0 else { throw .invalid("recurrent layer \(name): \(cell.units) units") }
    return try context.scoped(name) { (context: inout LayerContext) throws(GraphError) in
      let stepsFirst = try context.swappingBatchAndSteps(x)
      let step = try cell.prepare(stepsFirst, in: &context)
      var slices = step.slices
      if let lengths { slices.append(try isInside(stepsFirst, lengths, &context)) }
      let states = try start(initial, stepsFirst, &context)
      let body = try body(step, states, slices, isMasked: lengths != nil, context)
      let results = try context.graph.scan(
        body,
        states: states,
        inputs: slices,
        captures: step.captures,
        options: ScanOptions(
          isInputReversed: slices.map { _ in isReversed },
          isOutputReversed: body.outputs.dropFirst(cell.stateCount).map { _ in isReversed }
        ),
        name: context.graph.freshName(context.scopedName("Scan"))
      )
      guard results.count == body.outputs.count else {
        throw .invalid("the Scan of \(name) has \(results.count) outputs")
      }
      try step.finish(Array(results.dropFirst(cell.stateCount + 1)), &context)
      return RecurrentOutput(
        steps: try context.swappingBatchAndSteps(results[cell.stateCount]),
        states: [
          RecurrentState(hidden: results[0], cell: cell.stateCount > 1 ? results[1] : nil)
        ]
      )
    }
  }

  /// The initial states [N, H].
  private func start(
    _ initial: RecurrentState?,
    _ x: ValueID,
    _ context: inout LayerContext
  ) throws(GraphError) -> [ValueID] {
    guard let initial else {
      let zeros = try context.rows(cell.units, of: x, filledWith: 0)
      return [ValueID](repeating: zeros, count: cell.stateCount)
    }
    guard cell.stateCount > 1 else { return [initial.hidden] }
    guard let second = initial.cell else {
      throw .invalid("recurrent layer \(name): the initial state has no cell state")
    }
    return [initial.hidden, second]
  }

  /// bool [T, N, 1]: whether a step counts.
  private func isInside(
    _ x: ValueID,
    _ lengths: ValueID,
    _ context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let count = try context.apply("Squeeze", context.sizeVector(of: x, axis: 0))
    let zero = try context.graph.constant(Tensor(scalar: Int64(0)))
    let one = try context.graph.constant(Tensor(scalar: Int64(1)))
    let steps = try context.apply("Range", zero, count, one)
    let column = try context.apply("Unsqueeze", steps, context.vector([1, 2]))
    let limits = try context.apply(
      "Cast",
      lengths,
      attributes: ["to": .int(DType.int64.onnxCode)]
    )
    return try context.apply(
      "Less",
      column,
      context.apply("Unsqueeze", limits, context.vector([0, 2]))
    )
  }

  /// The body: the cell's step, kept from changing anything behind a sequence's end.
  private func body(
    _ step: CellStep,
    _ states: [ValueID],
    _ slices: [ValueID],
    isMasked: Bool,
    _ context: LayerContext
  ) throws(GraphError) -> Graph {
    var body = LayerContext(
      graph: Graph(name: "\(context.scopedName("step"))"),
      mode: context.mode,
      seed: context.seed
    )
    func placeholders(
      _ values: [ValueID],
      _ name: String,
      isSliced: Bool = false
    ) throws(GraphError) -> [ValueID] {
      var result: [ValueID] = []
      for (index, value) in values.enumerated() {
        let type = context.graph[value].type
        result.append(
          try body.graph.placeholder(
            "\(name)_\(index)",
            type.dtype,
            isSliced ? type.shape.removing(axis: 0) : type.shape
          )
        )
      }
      return result
    }
    let old = try placeholders(states, "state")
    let inputs = try placeholders(slices, "slice", isSliced: true)
    let captures = try placeholders(step.captures, "captured")
    let results = try step.build(
      &body,
      StepOperands(states: old, slices: inputs, captures: captures)
    )
    var new = results.states
    guard new.count == cell.stateCount else {
      throw .invalid("the cell of \(name) makes \(new.count) states, expected \(cell.stateCount)")
    }
    var output = new[0]
    if isMasked, let mask = inputs.last {
      for index in new.indices {
        new[index] = try body.apply("Where", mask, new[index], old[index])
      }
      output = try body.apply("Where", mask, output, body.scalar(0))
    }
    body.graph.outputs = new + [output] + results.collected
    return body.graph
  }
}

extension LayerContext {
  /// One number in the shape [N, size] for the N sequences of x [T, N, I].
  mutating func rows(
    _ size: Int,
    of x: ValueID,
    filledWith number: Float
  ) throws(GraphError) -> ValueID {
    // By way of a comparison, so that the batch's size stays known by its symbol, and nothing in x can make it another number.
    let first = try apply("Gather", x, graph.constant(Tensor(scalar: Int64(0))))
    let column = try apply("ReduceMax", first, vector([1]), attributes: ["keepdims": .int(1)])
    let zero = try apply("CastLike", apply("Less", column, column), scalar(0))
    let row = try graph.constant(Tensor(repeating: number, [1, size]))
    return try apply("Add", zero, row)
  }
}

import GraphIR
import Tensors

/// Moving statistics of batch normalisation that are kept for each time step on its own.
///
/// Activations of a recurrent network change much in its first steps, so step t has row t of `NAME_mean` and `NAME_variance` [S, F], S the
/// number of steps with statistics of their own; later ones share the last row (Cooijmans et al. 2017, section 4). A step of training moves the
/// rows of the steps that the batch has, momentum old + (1 - momentum) batch.
struct StepStatistics {
  let mean: ValueID
  let variance: ValueID
  private let momentum: Float
  private let steps: Int

  /// Adds the variables: means 0, variances 1, not trained.
  init(
    _ name: String,
    features: Int,
    steps: Int,
    momentum: Float,
    in context: inout LayerContext
  ) throws(GraphError) {
    mean = try context.variable(
      "\(name)_mean",
      [steps, features],
      .zeros,
      isTrainable: false
    )
    variance = try context.variable(
      "\(name)_variance",
      [steps, features],
      .ones,
      isTrainable: false
    )
    self.momentum = momentum
    self.steps = steps
  }

  /// Moves the statistics to those of a batch, each [T, F].
  func update(
    mean newMean: ValueID,
    variance newVariance: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) {
    for (variable, new) in [(mean, newMean), (variance, newVariance)] {
      // Rows that the batch has, and those behind it, which stay; steps beyond the last row change nothing.
      let first = try context.vector([0])
      let axis = try context.vector([0])
      let known = try context.apply("Slice", new, first, context.vector([steps]), axis)
      let count = try context.sizeVector(of: known, axis: 0)
      let old = try context.apply("Slice", variable, first, count, axis)
      let rest = try context.apply("Slice", variable, count, context.vector([steps]), axis)
      let moved = try context.apply(
        "Add",
        context.apply("Mul", old, context.scalar(momentum)),
        context.apply("Mul", known, context.scalar(1 - momentum))
      )
      let all = try context.apply("Concat", moved, rest, attributes: ["axis": .int(0)])
      try context.update(variable, to: all)
    }
  }

  /// The rows for the T steps of x [T, ...]: means and variances [T, F].
  func rows(
    for x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> (mean: ValueID, variance: ValueID) {
    let count = try context.apply("Squeeze", context.sizeVector(of: x, axis: 0))
    let zero = try context.graph.constant(Tensor(scalar: Int64(0)))
    let one = try context.graph.constant(Tensor(scalar: Int64(1)))
    let last = try context.graph.constant(Tensor(scalar: Int64(steps - 1)))
    let positions = try context.apply("Min", context.apply("Range", zero, count, one), last)
    return (
      try context.apply("Gather", mean, positions), try context.apply("Gather", variance, positions)
    )
  }
}

extension LayerContext {
  /// scale (x - mean) / sqrt(variance + epsilon).
  mutating func normalized(
    _ x: ValueID,
    mean: ValueID,
    variance: ValueID,
    scale: ValueID,
    epsilon: Float
  ) throws(GraphError) -> ValueID {
    let deviation = try apply("Sqrt", apply("Add", variance, scalar(epsilon)))
    return try apply("Mul", apply("Sub", x, mean), apply("Div", scale, deviation))
  }

  /// Mean and biased variance of x over one axis, which stays with size 1.
  mutating func batchStatistics(
    _ x: ValueID,
    axis: Int
  ) throws(GraphError) -> (mean: ValueID, variance: ValueID) {
    let keep: [String: Attribute] = ["keepdims": .int(1)]
    let mean = try apply("ReduceMean", x, vector([axis]), attributes: keep)
    let centred = try apply("Sub", x, mean)
    let square = try apply("Mul", centred, centred)
    return (mean, try apply("ReduceMean", square, vector([axis]), attributes: keep))
  }
}

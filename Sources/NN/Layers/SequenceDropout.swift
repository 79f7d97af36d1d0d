package import GraphIR

/// Dropout of a sequence's features in training.
///
/// x [N, T, F], kept. With its own mask at every time step it is `Dropout`; with one mask for all steps of a sequence it is the variational
/// dropout of Gal & Ghahramani 2016, which leaves a feature out of the whole sequence.
package struct SequenceDropout: Sendable, Hashable {
  package enum Mask: Sendable, Hashable {
    /// Drawn anew for every time step.
    case everyStep
    /// Drawn once for a sequence.
    case shared
  }

  /// Probability of leaving an element out; the others are divided by 1 - rate.
  package var rate: Float
  package var mask: Mask

  package init(_ rate: Float, mask: Mask = .everyStep) {
    self.rate = rate
    self.mask = mask
  }

  /// Adds the layer.
  ///
  /// - Throws: `GraphError.invalid` for a rate outside of [0, 1).
  package func callAsFunction(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try callAsFunction(x, stepAxis: 1, in: &context)
  }

  /// The layer over a value of rank 3 whose time steps stand on another axis.
  func callAsFunction(
    _ x: ValueID,
    stepAxis: Int,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    guard mask == .shared, rate > 0, context.mode == .training else {
      return try Dropout(rate)(x, in: &context)
    }
    // Ones for one step, dropped and scaled, then spread over all steps by the product.
    var sizes: [ValueID?] = []
    for axis in 0..<3 {
      if axis == stepAxis {
        sizes.append(try context.vector([1]))
      } else {
        sizes.append(try context.sizeVector(of: x, axis: axis))
      }
    }
    let shape = try context.graph.apply1("Concat", sizes, ["axis": .int(0)])
    let ones = try context.apply("Expand", context.scalar(1), shape)
    return try context.apply("Mul", x, Dropout(rate)(ones, in: &context))
  }
}

extension LayerContext {
  /// One dimension of a value as an int64 vector [1], known when a plan is made.
  package mutating func sizeVector(of value: ValueID, axis: Int) throws(GraphError) -> ValueID {
    try apply("Shape", value, attributes: ["start": .int(axis), "end": .int(axis + 1)])
  }
}

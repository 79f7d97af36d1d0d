package import GraphIR
import Tensors

/// Bounds gradients before an update, against steps that explode.
package enum GradientClipping: Sendable, Hashable {
  case none
  /// Each element into [-limit, limit].
  case value(Float)
  /// Each gradient whose L2 norm is above the limit is scaled down to it.
  case norm(Float)
  /// All gradients are scaled by one factor where their common L2 norm is above the limit (Pascanu, Mikolov, Bengio 2012).
  case globalNorm(Float)

  /// Clips the parameters' gradients.
  ///
  /// - Returns: a scalar that the updates multiply all gradients with, or `nil`.
  /// - Throws: `GraphError.invalid` for a limit that is not above 0.
  package func apply(
    to parameters: inout [TrainedParameter],
    in graph: inout Graph
  ) throws(GraphError) -> ValueID? {
    switch self {
    case .none:
      return nil
    case .value(let limit):
      let (low, high) = (try scalar(-checked(limit), &graph), try scalar(limit, &graph))
      for index in parameters.indices {
        parameters[index].gradient = try graph.apply1(
          "Clip",
          [parameters[index].gradient, low, high]
        )
      }
      return nil
    case .norm(let limit):
      for index in parameters.indices {
        let gradient = parameters[index].gradient
        let factor = try factor([gradient], limit: checked(limit), &graph)
        parameters[index].gradient = try graph.apply1("Mul", [gradient, factor])
      }
      return nil
    case .globalNorm(let limit):
      if parameters.isEmpty { return nil }
      return try factor(parameters.map(\.gradient), limit: checked(limit), &graph)
    }
  }

  /// min(1, limit / norm of all gradients together).
  private func factor(
    _ gradients: [ValueID],
    limit: Float,
    _ graph: inout Graph
  ) throws(GraphError) -> ValueID {
    var squares: [ValueID?] = []
    for gradient in gradients {
      squares.append(
        try graph.apply1("ReduceSumSquare", [gradient], ["keepdims": .int(0)])
      )
    }
    let norm = try graph.apply1("Sqrt", [graph.apply1("Sum", squares)])
    // A norm of 0 gives infinity here, and 1 below.
    let ratio = try graph.apply1("Div", [scalar(limit, &graph), norm])
    return try graph.apply1("Min", [scalar(1, &graph), ratio])
  }

  private func checked(_ limit: Float) throws(GraphError) -> Float {
    guard limit > 0 else { throw .invalid("gradient clipping limit \(limit) is not above 0") }
    return limit
  }

  private func scalar(_ number: Float, _ graph: inout Graph) throws(GraphError) -> ValueID {
    try graph.constant(Tensor(scalar: number))
  }
}

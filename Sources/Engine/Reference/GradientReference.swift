import Glibc
import GraphIR
import Tensors

extension ReferenceOperators {
  static let gradientKernels: [OperatorName: ReferenceFunction] = [
    .martlet("ReluGradient"): gradient { dy, x, _ in x > 0 ? dy : 0 },
    .martlet("LeakyReluGradient"): gradient(alpha: 0.01) { dy, x, alpha in x > 0 ? dy : alpha * dy
    },
    .martlet("SigmoidGradient"): gradient { dy, y, _ in dy * y * (1 - y) },
    .martlet("TanhGradient"): gradient { dy, y, _ in dy * (1 - y * y) },
    .martlet("EluGradient"): gradient(alpha: 1) { dy, x, alpha in
      x > 0 ? dy : dy * alpha * exp(x)
    },
    .martlet("SoftmaxGradient"): lineGradient { y, dy in
      let inner = zip(y, dy).reduce(0) { $0 + $1.0 * $1.1 }
      return zip(y, dy).map { $0 * ($1 - inner) }
    },
    .martlet("LogSoftmaxGradient"): lineGradient { y, dy in
      let total = dy.reduce(0, +)
      return zip(y, dy).map { $1 - exp($0) * total }
    },
    .martlet("SumToShape"): { call in
      let x = try call.input(0)
      let shape = try call.shape(try call.integers(1))
      guard try call.broadcastShape(of: [x, Tensor(zeros: .bool, shape)]) == x.shape else {
        throw call.error("shape \(shape) does not broadcast to \(x.shape)")
      }
      return [summed(x, to: shape, as: x.dtype.carrier)]
    },
  ]

  /// dx from dy and the saved value, element by element, with attribute alpha.
  private static func gradient(
    alpha fallback: Float = 0,
    _ function: @escaping @Sendable (Double, Double, Double) -> Double
  ) -> ReferenceFunction {
    { call in
      let (dy, saved) = (try call.input(0), try call.input(1))
      try call.requireSameShape(dy, saved)
      let alpha = Double(try call.node.float("alpha", default: fallback))
      let elements = zip(dy.doubles, saved.doubles).map { function($0, $1, alpha) }
      return [Double.store(elements, as: dy.dtype, dy.shape)]
    }
  }

  /// dx from y and dy, line by line along attribute axis.
  private static func lineGradient(
    _ function: @escaping @Sendable ([Double], [Double]) -> [Double]
  ) -> ReferenceFunction {
    { call in
      let (y, dy) = (try call.input(0), try call.input(1))
      try call.requireSameShape(y, dy)
      let axis = try call.node.normalizedAxis(
        try call.node.int("axis", default: -1),
        rank: y.shape.rank
      )
      let layout = AxisLayout(y.shape, axis: axis)
      let (results, gradients) = (y.doubles, dy.doubles)
      var elements = results
      for start in layout.lineStarts {
        let positions = (0..<layout.length).map { start + $0 * layout.inner }
        let line = function(positions.map { results[$0] }, positions.map { gradients[$0] })
        for (position, value) in zip(positions, line) { elements[position] = value }
      }
      return [Double.store(elements, as: y.dtype, y.shape)]
    }
  }

  private static func summed<Number: ReferenceNumber>(
    _ x: Tensor,
    to shape: Shape,
    as carrier: Number.Type
  ) -> Tensor {
    var sums = [Number](repeating: .zero, count: shape.elementCount)
    for (element, target) in zip(Number.load(x), shape.broadcastOffsets(to: x.shape)) {
      sums[target] = sums[target].adding(element)
    }
    return Number.store(sums, as: x.dtype, shape)
  }
}

package import Tensors

/// Random weights whose variance is `scale / n`, n counted from the variable's shape, so that signals keep their variance from layer to
/// layer.
///
/// Xavier Glorot & Bengio 2010 (fan average, scale 1), He et al. 2015 (fan in, scale 2), LeCun et al. 1998 (fan in, scale 1).
package struct VarianceScaling: Sendable, Hashable {
  package enum Fan: Sendable { case input, output, average }
  package enum Distribution: Sendable {
    case uniform, normal
    /// Cut at two deviations and widened so that the variance is still the one asked for.
    case truncatedNormal
  }

  package var scale: Float
  package var fan: Fan
  package var distribution: Distribution

  package init(scale: Float, fan: Fan, distribution: Distribution) {
    self.scale = scale
    self.fan = fan
    self.distribution = distribution
  }

  /// The standard deviation of a normal distribution cut at two of its deviations.
  static let truncatedDeviation: Float = 0.879_625_66

  /// The plain distribution for one shape.
  func initializer(for shape: Shape) -> Initializer {
    let (fanIn, fanOut) = Self.fans(of: shape)
    let count =
      switch fan {
      case .input: Float(fanIn)
      case .output: Float(fanOut)
      case .average: (Float(fanIn) + Float(fanOut)) / 2
      }
    let deviation = (scale / max(count, 1)).squareRoot()
    switch distribution {
    case .uniform:
      let limit = Float(3).squareRoot() * deviation
      return .uniform(low: -limit, high: limit)
    case .normal:
      return .normal(deviation: deviation)
    case .truncatedNormal:
      return .truncatedNormal(deviation: deviation / Self.truncatedDeviation)
    }
  }

  /// Connections into and out of one unit: [in, out] for a matrix, [out, in, kernel...] for a convolution.
  package static func fans(of shape: Shape) -> (input: Int, output: Int) {
    switch shape.rank {
    case 0: return (1, 1)
    case 1: return (shape[0], shape[0])
    case 2: return (shape[0], shape[1])
    default:
      let kernel = shape.dimensions[2...].reduce(1, *)
      return (shape[1] * kernel, shape[0] * kernel)
    }
  }
}

extension Initializer {
  package static let glorotUniform = scaled(1, .average, .uniform)
  package static let glorotNormal = scaled(1, .average, .normal)
  package static let heUniform = scaled(2, .input, .uniform)
  package static let heNormal = scaled(2, .input, .normal)
  package static let leCunUniform = scaled(1, .input, .uniform)
  package static let leCunNormal = scaled(1, .input, .normal)

  private static func scaled(
    _ scale: Float,
    _ fan: VarianceScaling.Fan,
    _ distribution: VarianceScaling.Distribution
  ) -> Initializer {
    .varianceScaling(VarianceScaling(scale: scale, fan: fan, distribution: distribution))
  }
}

package import Tensors

/// How a variable's first value is made.
///
/// Random initial values are a pure function of the seed and the variable's name, so the same network with the same seed always starts
/// equal, whatever else the graph holds.
package enum Initializer: Sendable, Hashable {
  case constant(Float)
  case normal(mean: Float = 0, deviation: Float)
  case uniform(low: Float, high: Float)
  /// Normal, drawn again beyond two deviations (TensorFlow's `truncated_normal`).
  case truncatedNormal(mean: Float = 0, deviation: Float)
  case varianceScaling(VarianceScaling)
  /// Orthonormal rows or columns, whichever are fewer, times a gain (Saxe, McClelland, Ganguli 2013).
  case orthogonal(gain: Float = 1)
  /// A tensor [D, G H, H] of recurrent weights: every gate's matrix [H, H] is orthogonal (Henaff, Szlam, LeCun 2016).
  case orthogonalGates(gain: Float = 1)
  /// A tensor [D, G H, H] of recurrent weights: every gate's matrix is the identity, for rectified RNNs (Le, Jaitly, Hinton 2015).
  case identityGates

  package static let zeros = Initializer.constant(0)
  package static let ones = Initializer.constant(1)

  /// The initial value of a variable: dense weights are [in, out], convolution weights [out, in, kernel...].
  package func tensor(_ shape: Shape, seed: UInt64, name: String) -> Tensor {
    var random = Philox(seed: seed, stream: Self.stream(of: name))
    return tensor(shape, &random)
  }

  /// The initial value drawn from the given random numbers.
  package func tensor(_ shape: Shape, _ random: inout Philox) -> Tensor {
    switch self {
    case .constant(let value):
      return Tensor(repeating: value, shape)
    case .uniform(let low, let high):
      return filled(shape) { low + (high - low) * random.uniform() }
    case .normal(let mean, let deviation):
      var normal = NormalDistribution()
      return filled(shape) { mean + deviation * Float(normal.next(&random)) }
    case .truncatedNormal(let mean, let deviation):
      var normal = NormalDistribution()
      return filled(shape) { mean + deviation * Float(normal.nextTruncated(&random)) }
    case .varianceScaling(let scaling):
      return scaling.initializer(for: shape).tensor(shape, &random)
    case .orthogonal(let gain):
      return orthogonalTensor(shape, gain: gain, &random)
    case .orthogonalGates(let gain):
      return orthogonalGatesTensor(shape, gain: gain, &random)
    case .identityGates:
      return identityGatesTensor(shape)
    }
  }

  private func filled(_ shape: Shape, _ next: () -> Float) -> Tensor {
    Tensor(shape) { (buffer: UnsafeMutableBufferPointer<Float>) in
      for index in buffer.indices { buffer[index] = next() }
    }
  }

  /// FNV-1a of the name's bytes.
  private static func stream(of name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

package import Tensors

extension Tensor {
  /// Uniform random numbers, the same for the same seed.
  package static func random(
    _ shape: Shape,
    seed: UInt64 = 1,
    in range: ClosedRange<Float> = -1...1
  ) -> Tensor {
    var generator = Philox(seed: seed, stream: UInt64(shape.elementCount))
    return Tensor(shape) { (buffer: UnsafeMutableBufferPointer<Float>) in
      for index in buffer.indices {
        buffer[index] =
          range.lowerBound + (range.upperBound - range.lowerBound) * generator.uniform()
      }
    }
  }
}

/// The largest difference between two tensors of floats, relative to the larger of 1 and the expected magnitude.
package func largestError(_ actual: Tensor, _ expected: Tensor) -> Double {
  guard actual.shape == expected.shape else { return .infinity }
  let left = numbers(actual)
  let right = numbers(expected)
  var worst = 0.0
  for (a, b) in zip(left, right) {
    if a == b || (a.isNaN && b.isNaN) { continue }
    let error = abs(a - b) / max(1, abs(b))
    worst = error.isNaN ? .infinity : max(worst, error)
  }
  return worst
}

/// The elements of a tensor as Double.
package func numbers(_ tensor: Tensor) -> [Double] {
  switch tensor.dtype {
  case .float32: tensor.elements(of: Float.self).map(Double.init)
  case .float64: tensor.elements(of: Double.self)
  case .int64: tensor.elements(of: Int64.self).map(Double.init)
  case .int32: tensor.elements(of: Int32.self).map(Double.init)
  case .uint8: tensor.elements(of: UInt8.self).map(Double.init)
  case .bool: tensor.elements(of: Bool.self).map { $0 ? 1 : 0 }
  default: []
  }
}

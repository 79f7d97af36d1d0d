import Tensors

/// Rows of normal numbers made orthonormal by modified Gram-Schmidt in double precision; a tensor [a, b, ...] counts as a matrix
/// [a, b ...].
func orthogonalTensor(_ shape: Shape, gain: Float, _ random: inout Philox) -> Tensor {
  let rows = shape.rank == 0 ? 1 : shape[0]
  let columns = rows == 0 ? 0 : shape.elementCount / rows
  let isWide = rows <= columns
  let (count, length) = isWide ? (rows, columns) : (columns, rows)
  var normal = NormalDistribution()
  var basis: [[Double]] = []
  while basis.count < count {
    var vector = (0..<length).map { _ in normal.next(&random) }
    // Twice is enough (Kahan): the second pass removes what rounding left.
    for _ in 0..<2 {
      for other in basis {
        let projection = dot(vector, other)
        for index in vector.indices { vector[index] -= projection * other[index] }
      }
    }
    let size = dot(vector, vector).squareRoot()
    guard size > 1e-6 else { continue }
    basis.append(vector.map { $0 / size })
  }
  return Tensor(shape) { (buffer: UnsafeMutableBufferPointer<Float>) in
    for row in 0..<rows {
      for column in 0..<columns {
        let value = isWide ? basis[row][column] : basis[column][row]
        buffer[row * columns + column] = gain * Float(value)
      }
    }
  }
}

/// [..., G H, H] as orthogonal matrices [H, H], one after the other; a last part with fewer rows has orthonormal rows.
func orthogonalGatesTensor(_ shape: Shape, gain: Float, _ random: inout Philox) -> Tensor {
  let columns = shape.dimensions.last ?? 1
  var rest = columns == 0 ? 0 : shape.elementCount / columns
  var elements: [Float] = []
  while rest > 0 {
    let rows = min(rest, columns)
    let block = orthogonalTensor([rows, columns], gain: gain, &random)
    elements += block.elements(of: Float.self)
    rest -= rows
  }
  return Tensor(elements, shape)
}

/// [..., G H, H] as identity matrices [H, H], one below the other.
func identityGatesTensor(_ shape: Shape) -> Tensor {
  let columns = max(1, shape.dimensions.last ?? 1)
  return Tensor(shape) { (buffer: UnsafeMutableBufferPointer<Float>) in
    for index in buffer.indices {
      buffer[index] = index / columns % columns == index % columns ? 1 : 0
    }
  }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}

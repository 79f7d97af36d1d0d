import Tensors

extension Tensor {
  /// The tensor whose element `i` is this tensor's element `positions[i]`, or `fill` (a tensor of one element; zero without it)
  /// where the position is negative.
  ///
  /// - Precondition: `positions.count == target.elementCount`, and every position is below `shape.elementCount`.
  func gathering(_ positions: [Int], _ target: Shape, fill: Tensor? = nil) -> Tensor {
    precondition(positions.count == target.elementCount, "\(positions.count) for shape \(target)")
    let width = dtype.byteCount
    let padding = fill?.withBytes { Array($0) } ?? [UInt8](repeating: 0, count: width)
    return Tensor(dtype: dtype, target) { result in
      withBytes { source in
        for (index, position) in positions.enumerated() {
          for byte in 0..<width {
            result[index * width + byte] =
              position < 0 ? padding[byte] : source[position * width + byte]
          }
        }
      }
    }
  }
}

extension Tensor {
  /// The tensor whose element at an index is this tensor's at the index that `source` gives, or `fill` where that is `nil`.
  func gathering(
    _ target: Shape,
    fill: Tensor? = nil,
    source: (_ index: [Int]) -> [Int]?
  ) -> Tensor {
    let strides = shape.strides
    var positions: [Int] = []
    positions.reserveCapacity(target.elementCount)
    target.forEachIndex { index in
      let place = source(index)
      positions.append(place.map { zip($0, strides).reduce(0) { $0 + $1.0 * $1.1 } } ?? -1)
    }
    return gathering(positions, target, fill: fill)
  }
}

extension Shape {
  /// The indices of every element in row-major order, passed one after the other.
  func forEachIndex(_ body: ([Int]) throws -> Void) rethrows {
    guard elementCount > 0 else { return }
    var index = [Int](repeating: 0, count: rank)
    while true {
      try body(index)
      var axis = rank - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < dimensions[axis] { break }
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

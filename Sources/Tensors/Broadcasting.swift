extension Shape {
  /// The common shape of two operands under NumPy's rules: aligned at the last dimension, sizes equal or 1.
  ///
  /// - Throws: `ShapeError.notBroadcastable` naming both shapes.
  package static func broadcast(_ left: Shape, _ right: Shape) throws(ShapeError) -> Shape {
    let rank = max(left.rank, right.rank)
    var sizes = [Int](repeating: 1, count: rank)
    for index in 0..<rank {
      let a = left.sizeFromEnd(rank - 1 - index)
      let b = right.sizeFromEnd(rank - 1 - index)
      guard a == b || a == 1 || b == 1 else { throw .notBroadcastable(left, right) }
      sizes[index] = a == 1 ? b : a
    }
    return try Shape(validating: sizes)
  }

  /// Strides, in elements, that read a tensor of this shape as if it had `target`: 0 where it is repeated.
  ///
  /// - Precondition: this shape broadcasts to `target`.
  package func broadcastStrides(to target: Shape) -> [Int] {
    let own = strides
    let offset = target.rank - rank
    precondition(offset >= 0, "\(self) does not broadcast to \(target)")
    return target.dimensions.indices.map { index in
      let source = index - offset
      if source < 0 || dimensions[source] == 1 && target[index] != 1 { return 0 }
      return own[source]
    }
  }

  private func sizeFromEnd(_ distance: Int) -> Int {
    distance < rank ? dimensions[rank - 1 - distance] : 1
  }
}

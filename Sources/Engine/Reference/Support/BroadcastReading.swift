import Tensors

extension Shape {
  /// For every element of `target` in row-major order, the position of the element of this shape that it repeats.
  ///
  /// - Precondition: this shape broadcasts to `target`.
  func broadcastOffsets(to target: Shape) -> [Int] {
    if dimensions == target.dimensions { return Array(0..<target.elementCount) }
    return target.offsets(strides: broadcastStrides(to: target))
  }

  /// For every element of this shape in row-major order, the sum over dimensions of index times stride.
  func offsets(strides: [Int]) -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(elementCount)
    guard elementCount > 0 else { return result }
    var index = [Int](repeating: 0, count: rank)
    var offset = 0
    while true {
      result.append(offset)
      var axis = rank - 1
      while axis >= 0 {
        index[axis] += 1
        offset += strides[axis]
        if index[axis] < dimensions[axis] { break }
        offset -= strides[axis] * dimensions[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return result }
    }
  }
}

/// The elements of `values` repeated so that they fill `target`.
func broadcast<Element>(_ values: [Element], _ shape: Shape, to target: Shape) -> [Element] {
  if shape == target { return values }
  return shape.broadcastOffsets(to: target).map { values[$0] }
}

import Tensors

/// A row-major tensor seen as `[outer, length, inner]` around one axis.
struct AxisLayout {
  let outer: Int
  let length: Int
  let inner: Int

  /// - Precondition: `axis` is a dimension of `shape`.
  init(_ shape: Shape, axis: Int) {
    outer = shape.dimensions[..<axis].reduce(1, *)
    length = shape[axis]
    inner = shape.dimensions[(axis + 1)...].reduce(1, *)
  }

  /// The position of the first element of every line along the axis; the next ones follow at distance `inner`.
  var lineStarts: [Int] {
    guard length > 0 else { return [] }
    return (0..<outer * inner).map { ($0 / inner) * length * inner + $0 % inner }
  }
}

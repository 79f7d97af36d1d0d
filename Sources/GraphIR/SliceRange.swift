/// The elements that Slice takes along one axis: `count` of them from `start` in steps of `step`.
package struct SliceRange: Sendable, Hashable {
  package let start: Int
  package let step: Int
  package let count: Int

  /// Clamps bounds as ONNX's Slice does: negative ones count from the back, those outside mean the ends.
  ///
  /// - Precondition: `step != 0`.
  package init(start: Int, end: Int, step: Int, size: Int) {
    precondition(step != 0, "a slice in steps of 0")
    // Bounds such as Int.min are allowed and mean "from the end": clamp before adding.
    func fromFront(_ bound: Int) -> Int { bound < 0 ? max(bound, -size - 1) + size : bound }
    let low = step > 0 ? 0 : -1
    let high = step > 0 ? size : size - 1
    let first = min(max(fromFront(start), step > 0 ? 0 : min(0, high)), high)
    let last = min(max(fromFront(end), low), high)
    let span = step > 0 ? last - first : first - last
    self.start = first
    self.step = step
    if span <= 0 || size == 0 {
      count = 0
    } else {
      count = 1 + Int((UInt(span) - 1) / step.magnitude)
    }
  }
}

extension Node {
  /// Slice's ranges by axis, from the values of its operands.
  ///
  /// - Returns: one range for every axis named.
  /// - Throws: `GraphError.operands` for lists of different lengths, a step of 0 and a bad axis.
  package func sliceBounds(
    starts: [Int],
    ends: [Int],
    axes: [Int]?,
    steps: [Int]?,
    rank: Int
  ) throws(GraphError) -> [(axis: Int, start: Int, end: Int, step: Int)] {
    let axes = try normalizedAxes(axes ?? Array(0..<starts.count), rank: rank)
    let steps = steps ?? [Int](repeating: 1, count: starts.count)
    guard starts.count == ends.count, axes.count == starts.count, steps.count == starts.count
    else {
      throw .operands(
        node: name,
        op: op,
        detail:
          "\(starts.count) starts, \(ends.count) ends, \(axes.count) axes and \(steps.count) steps; expected as many of each"
      )
    }
    guard !steps.contains(0) else {
      throw .operands(node: name, op: op, detail: "steps \(steps) contains 0")
    }
    return axes.indices.map { (axes[$0], starts[$0], ends[$0], steps[$0]) }
  }

  /// Pad's numbers by dimension of the data.
  ///
  /// - Throws: `GraphError.operands` unless there are two for every axis.
  package func padsByDimension(
    _ pads: [Int],
    axes: [Int]?,
    rank: Int
  ) throws(GraphError) -> [(begin: Int, end: Int)] {
    let axes = try normalizedAxes(axes ?? Array(0..<rank), rank: rank)
    let bound = 1 << 34
    guard pads.count == 2 * axes.count, pads.allSatisfy({ (-bound...bound).contains($0) }) else {
      throw .operands(
        node: name,
        op: op,
        detail: "pads is \(pads), expected 2 numbers for each of \(axes.count) axes"
      )
    }
    var result = [(begin: Int, end: Int)](repeating: (0, 0), count: rank)
    for (position, axis) in axes.enumerated() {
      result[axis] = (pads[position], pads[position + axes.count])
    }
    return result
  }
}

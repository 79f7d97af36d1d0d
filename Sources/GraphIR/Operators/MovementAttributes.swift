import Tensors

/// Readers of the movement operators' attributes, shared by shape rules and implementations.
extension Node {
  /// Shape's `start..<end`, negative ones counted from the back and both clamped to `0...rank`.
  package func shapeRange(rank: Int) throws(GraphError) -> Range<Int> {
    func clamped(_ bound: Int) -> Int { min(max(bound < 0 ? bound + rank : bound, 0), rank) }
    let start = clamped(try int("start", default: 0))
    let end = clamped(try int("end", default: rank))
    return start..<max(start, end)
  }

  /// Flatten's axis in `0...rank`.
  package func flattenAxis(rank: Int) throws(GraphError) -> Int {
    let axis = try int("axis", default: 1)
    guard axis >= -rank, axis <= rank else {
      throw .operands(
        node: name,
        op: op,
        detail: "axis \(axis) is outside -\(rank)...\(rank)"
      )
    }
    return axis < 0 ? axis + rank : axis
  }

  /// Transpose's `perm`, the reversed order where it is left out.
  package func permutation(rank: Int) throws(GraphError) -> [Int] {
    guard let order = try ints("perm") else { return (0..<rank).reversed() }
    guard order.count == rank, try normalizedAxes(order, rank: rank).count == rank else {
      throw .operands(
        node: name,
        op: op,
        detail: "perm \(order) is no order of \(rank) dimensions"
      )
    }
    return try normalizedAxes(order, rank: rank)
  }

  /// `blocksize` of DepthToSpace and SpaceToDepth.
  package func blockSize() throws(GraphError) -> Int {
    let size = try int("blocksize", default: 0)
    guard (1...1 << 16).contains(size) else {
      throw .operands(
        node: name,
        op: op,
        detail: "blocksize is \(size), expected 1 to \(1 << 16)"
      )
    }
    return size
  }

  /// DepthToSpace's `mode`: false for DCR (block before channel), true for CRD.
  package func isColumnRowDepth() throws(GraphError) -> Bool {
    let mode = try string("mode", default: "DCR")
    guard mode == "DCR" || mode == "CRD" else {
      throw .operands(node: name, op: op, detail: "mode is \(mode), expected DCR or CRD")
    }
    return mode == "CRD"
  }

  /// ReverseSequence's `batch_axis` and `time_axis`: 0 and 1 in either order.
  package func sequenceAxes() throws(GraphError) -> (batch: Int, time: Int) {
    let batch = try int("batch_axis", default: 1)
    let time = try int("time_axis", default: 0)
    guard batch == 0 && time == 1 || batch == 1 && time == 0 else {
      throw .operands(
        node: name,
        op: op,
        detail: "batch_axis is \(batch) and time_axis \(time), expected 0 and 1 or 1 and 0"
      )
    }
    return (batch, time)
  }

  /// The sizes that Split cuts a dimension into, from `split` or from the number of parts (the last one may be smaller).
  ///
  /// - Throws: `GraphError.operands` where they do not add up to `size`.
  package func splitSizes(
    of size: Int,
    split: [Int]?,
    outputCount: Int
  ) throws(GraphError) -> [Int] {
    if let split {
      var rest = size
      for part in split {
        guard (0...size).contains(part), part <= rest else {
          throw .operands(
            node: name,
            op: op,
            detail: "split \(split) does not add up to \(size)"
          )
        }
        rest -= part
      }
      guard rest == 0 else {
        throw .operands(node: name, op: op, detail: "split \(split) does not add up to \(size)")
      }
      return split
    }
    let count = try int("num_outputs", default: outputCount)
    guard count >= 1, count <= max(size, outputCount) else {
      throw .operands(node: name, op: op, detail: "num_outputs is \(count) for \(size) elements")
    }
    let part = (size + count - 1) / count
    return (0..<count).map { min(part, max(size - $0 * part, 0)) }
  }
}

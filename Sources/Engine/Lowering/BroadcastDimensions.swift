import Tensors

/// The loops of a broadcast: neighbouring dimensions that every operand walks alike are merged into one.
struct BroadcastDimensions {
  /// The kernels' limit.
  static let rankMax = 8

  /// Sizes, slowest first; at least one.
  let sizes: [Int64]
  /// Each operand's strides in elements, 0 where it is repeated.
  let strides: [[Int64]]

  /// `nil` where more than `rankMax` dimensions remain.
  init?(_ output: Shape, _ operands: [Shape]) {
    let all = operands.map { $0.broadcastStrides(to: output) }
    var sizes: [Int] = []
    var strides = [[Int]](repeating: [], count: operands.count)
    for dimension in output.dimensions.indices where output[dimension] != 1 {
      let size = output[dimension]
      if let last = sizes.last,
        operands.indices.allSatisfy({ strides[$0][sizes.count - 1] == all[$0][dimension] * size })
      {
        sizes[sizes.count - 1] = last * size
        for operand in operands.indices {
          strides[operand][sizes.count - 1] = all[operand][dimension]
        }
      } else {
        sizes.append(size)
        for operand in operands.indices { strides[operand].append(all[operand][dimension]) }
      }
    }
    if sizes.isEmpty {
      sizes = [output.elementCount]
      strides = strides.map { _ in [1] }
    }
    guard sizes.count <= BroadcastDimensions.rankMax else { return nil }
    self.sizes = sizes.map(Int64.init)
    self.strides = strides.map { $0.map(Int64.init) }
  }
}

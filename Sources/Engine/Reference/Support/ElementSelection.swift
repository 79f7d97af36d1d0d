import Tensors

extension Tensor {
  /// A tensor made of elements of this one, by their positions, whatever the element type.
  ///
  /// - Precondition: `positions` holds one valid position for each element of `shape`.
  func selected(_ positions: [Int], _ shape: Shape) -> Tensor {
    precondition(positions.count == shape.elementCount, "\(positions.count) elements for \(shape)")
    return withBytes { source in
      Tensor(dtype: dtype, shape) { target in
        switch dtype.byteCount {
        case 1: Self.copy(positions, source, target, of: UInt8.self)
        case 2: Self.copy(positions, source, target, of: UInt16.self)
        case 4: Self.copy(positions, source, target, of: UInt32.self)
        default: Self.copy(positions, source, target, of: UInt64.self)
        }
      }
    }
  }

  private static func copy<Bits: BitwiseCopyable>(
    _ positions: [Int],
    _ source: UnsafeRawBufferPointer,
    _ target: UnsafeMutableRawBufferPointer,
    of type: Bits.Type
  ) {
    let (from, to) = (source.bindMemory(to: Bits.self), target.bindMemory(to: Bits.self))
    for (index, position) in positions.enumerated() { to[index] = from[position] }
  }
}

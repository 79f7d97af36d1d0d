import Tensors

/// The slices of a tensor along one axis, as blocks of bytes.
struct AxisSlices {
  /// Slices along the axis.
  let length: Int
  /// Contiguous pieces that one slice consists of.
  let pieceCount: Int
  let pieceByteCount: Int

  /// - Precondition: `axis` is counted from the front and in the shape.
  init(_ shape: Shape, dtype: DType, axis: Int) {
    length = shape[axis]
    pieceCount = shape.dimensions[..<axis].reduce(1, *)
    pieceByteCount = shape.dimensions[(axis + 1)...].reduce(1, *) * dtype.byteCount
  }

  /// Copies slice `index` out of a tensor into contiguous memory.
  func read(
    _ index: Int,
    from tensor: UnsafeRawPointer,
    into slice: UnsafeMutableRawPointer
  ) {
    for piece in 0..<pieceCount {
      (slice + piece * pieceByteCount).copyMemory(
        from: tensor + (piece * length + index) * pieceByteCount,
        byteCount: pieceByteCount
      )
    }
  }

  /// Copies contiguous memory to where slice `index` of a tensor is.
  func write(
    _ index: Int,
    to tensor: UnsafeMutableRawPointer,
    from slice: UnsafeRawPointer
  ) {
    for piece in 0..<pieceCount {
      (tensor + (piece * length + index) * pieceByteCount).copyMemory(
        from: slice + piece * pieceByteCount,
        byteCount: pieceByteCount
      )
    }
  }
}

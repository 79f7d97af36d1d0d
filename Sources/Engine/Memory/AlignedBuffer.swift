import Tensors

/// Memory for packed weights, variables and scratch, aligned for the widest vectors.
///
/// `@unchecked Sendable`: a session's thread writes it; of packed weights, which nobody writes again, others may read too.
final class AlignedBuffer: @unchecked Sendable {
  static let alignment = 64
  let bytes: UnsafeMutableRawBufferPointer

  init(byteCount: Int) {
    bytes = .allocate(byteCount: max(byteCount, 1), alignment: AlignedBuffer.alignment)
  }

  convenience init(copying tensor: Tensor) {
    self.init(byteCount: tensor.byteCount)
    tensor.withBytes { bytes.copyMemory(from: $0) }
  }

  deinit { bytes.deallocate() }

  var floats: UnsafeMutablePointer<Float> {
    bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
  }

  /// A copy as a tensor of the given type.
  func tensor(_ dtype: DType, _ shape: Shape) -> Tensor {
    Tensor(dtype: dtype, shape) {
      $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<$0.count]))
    }
  }
}

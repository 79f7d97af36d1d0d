/// Memory of the same number of bytes for every row of a batch.
final class RowBuffer {
  let rowByteCount: Int
  private let memory: AlignedBuffer

  /// Bytes behind the last row, for kernels that load whole vectors.
  private static let padding = 64

  /// Rows of zeros.
  init(rows: Int, rowByteCount: Int) {
    self.rowByteCount = rowByteCount
    memory = AlignedBuffer(byteCount: rows * rowByteCount + Self.padding)
    memory.bytes.initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// Where row 0 begins, aligned for every kernel.
  var base: UnsafeMutableRawPointer { memory.bytes.baseAddress.unsafelyUnwrapped }

  /// The bytes of a row.
  ///
  /// - Precondition: the buffer has that row.
  func row(_ row: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base + row * rowByteCount, count: rowByteCount)
  }

  /// Copies a row of another buffer with rows of the same size, or of this one.
  func copyRow(_ source: Int, of other: RowBuffer, to target: Int) {
    guard other !== self || source != target else { return }
    row(target).copyMemory(from: UnsafeRawBufferPointer(other.row(source)))
  }

  func zeroRow(_ row: Int) { self.row(row).initializeMemory(as: UInt8.self, repeating: 0) }
}

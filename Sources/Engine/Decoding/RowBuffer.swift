import Glibc

/// Memory of the same number of bytes for every row of a batch.
///
/// Pages of rows that were never used take no memory.
final class RowBuffer {
  let rowByteCount: Int
  /// Where row 0 begins, aligned for every kernel.
  let base: UnsafeMutableRawPointer
  private let byteCount: Int

  /// Bytes behind the last row, for kernels that load whole vectors.
  private static let padding = 64

  /// Rows of zeros.
  ///
  /// - Throws: `EngineError.outOfMemory`.
  init(rows: Int, rowByteCount: Int) throws(EngineError) {
    self.rowByteCount = rowByteCount
    byteCount = rows * rowByteCount + Self.padding
    let (access, kind) = (PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS)
    guard let mapping = mmap(nil, byteCount, access, kind, -1, 0), mapping != MAP_FAILED else {
      throw .outOfMemory(byteCount: byteCount)
    }
    base = mapping
  }

  deinit { munmap(base, byteCount) }

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

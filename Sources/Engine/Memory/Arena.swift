import Glibc

/// Memory for everything that a session's plans compute, at addresses that never change.
///
/// A large range of addresses is reserved once and made usable as plans ask for more, so that kernels can be bound to pointers
/// when a plan is compiled. Plans of one session share the bytes: one runs at a time.
final class Arena {
  /// Addresses reserved for each session, in bytes; memory is only used where a plan needs it.
  static let reservedByteCount = 1 << 36

  let base: UnsafeMutableRawPointer
  private(set) var usableByteCount = 0

  /// - Throws: `EngineError.outOfMemory` where the address range cannot be reserved.
  init() throws(EngineError) {
    let mapping = mmap(
      nil,
      Arena.reservedByteCount,
      PROT_NONE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
      -1,
      0
    )
    guard let mapping, mapping != MAP_FAILED else {
      throw .outOfMemory(byteCount: Arena.reservedByteCount)
    }
    base = mapping
  }

  deinit { munmap(base, Arena.reservedByteCount) }

  /// Makes the first `byteCount` bytes usable.
  func require(_ byteCount: Int) throws(EngineError) {
    guard byteCount > usableByteCount else { return }
    let page = 1 << 16
    let rounded = (byteCount + page - 1) / page * page
    guard rounded <= Arena.reservedByteCount,
      mprotect(base, rounded, PROT_READ | PROT_WRITE) == 0
    else { throw .outOfMemory(byteCount: byteCount) }
    usableByteCount = rounded
  }
}

internal import Glibc

/// Buffers of one event loop, last in, first out: an idle connection holds none, and busy ones share
/// memory that is warm in the cache.
struct BufferPool: ~Copyable {
  /// Bytes of a fresh buffer: an 8.7 KB request and its head in one read.
  static let usualCapacity = 16 * 1024
  /// Larger buffers are freed rather than kept: a request of eight rows (67 KB) is not among those.
  static let largestKept = 256 * 1024
  /// Most buffers kept.
  static let mostKept = 256
  /// Most bytes kept.
  static let bytesKeptMax = 12 * 1024 * 1024

  private var free: [ByteBuffer.Allocation] = []
  private var bytesKept = 0

  init() {
    free.reserveCapacity(Self.mostKept)
  }

  deinit {
    for allocation in free { Glibc.free(allocation.pointer) }
  }

  /// Gives an empty buffer memory.
  mutating func fill(_ buffer: inout ByteBuffer) {
    guard buffer.capacity == 0 else { return }
    if let allocation = free.popLast() {
      bytesKept -= allocation.capacity
      buffer = ByteBuffer(adopting: allocation)
    } else {
      buffer = ByteBuffer(capacity: Self.usualCapacity)
    }
  }

  /// Takes the memory of a buffer that is empty.
  mutating func drain(_ buffer: inout ByteBuffer) {
    guard buffer.isEmpty, let allocation = buffer.release() else { return }
    if allocation.capacity >= Self.usualCapacity, allocation.capacity <= Self.largestKept,
      free.count < Self.mostKept, bytesKept + allocation.capacity <= Self.bytesKeptMax
    {
      bytesKept += allocation.capacity
      free.append(allocation)
    } else {
      Glibc.free(allocation.pointer)
    }
  }
}

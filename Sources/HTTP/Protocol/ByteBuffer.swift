internal import Glibc

/// A growing byte buffer that is read from its front and written at its end.
///
/// It owns its memory and cannot be copied. Response bodies are written straight into one:
/// `append` for short pieces, `reserve` and `commit` for a writer that fills raw memory itself.
package struct ByteBuffer: ~Copyable {
  /// The allocation, or nil before the first write.
  private(set) var storage: UnsafeMutablePointer<UInt8>?
  /// Bytes allocated.
  package private(set) var capacity: Int
  /// Offset of the first readable byte.
  private(set) var start = 0
  /// Offset behind the last readable byte.
  private(set) var end = 0

  /// An empty buffer; memory is allocated by the first write when `capacity` is zero.
  package init(capacity: Int = 0) {
    self.capacity = max(0, capacity)
    storage = capacity > 0 ? Self.allocate(capacity) : nil
  }

  /// Takes over an allocation made by `release`.
  init(adopting allocation: Allocation) {
    storage = allocation.pointer
    capacity = allocation.capacity
  }

  deinit {
    free(storage)
  }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    guard let memory = malloc(count) else { fatalError("Out of memory: \(count) bytes") }
    return memory.assumingMemoryBound(to: UInt8.self)
  }

  /// How many bytes can be read.
  package var count: Int { end - start }
  /// Whether nothing can be read.
  package var isEmpty: Bool { start == end }
  /// How many bytes can be written without growing or moving.
  package var spare: Int { capacity - end }

  /// The readable bytes: valid until the next change.
  package var readable: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: storage.map { $0 + start }, count: count)
  }

  /// Where the readable bytes begin; nil before the first write.
  var readableStart: UnsafeMutablePointer<UInt8>? { storage.map { $0 + start } }

  /// Makes room for `minimum` bytes and returns where to write them; then call `commit`.
  package mutating func reserve(_ minimum: Int) -> UnsafeMutablePointer<UInt8> {
    if let storage, capacity - end >= minimum { return storage + end }
    return grow(minimum)
  }

  private mutating func grow(_ minimum: Int) -> UnsafeMutablePointer<UInt8> {
    precondition(minimum >= 0, "cannot reserve \(minimum) bytes")
    if let storage, start > 0, capacity - count >= minimum {
      memmove(storage, storage + start, count)
      end = count
      start = 0
      return storage + end
    }
    let (needed, overflow) = end.addingReportingOverflow(minimum)
    guard !overflow, needed < Int.max / 2 else { fatalError("Out of memory: \(minimum) bytes") }
    let newCapacity = max(256, needed, capacity * 2)
    guard let memory = realloc(storage, newCapacity) else {
      fatalError("Out of memory: \(newCapacity) bytes")
    }
    let moved = memory.assumingMemoryBound(to: UInt8.self)
    storage = moved
    capacity = newCapacity
    return moved + end
  }

  /// Declares that `count` bytes were written at the pointer from `reserve`.
  package mutating func commit(_ count: Int) {
    precondition(count >= 0 && count <= capacity - end, "commit of \(count) beyond \(spare) spare")
    end += count
  }

  /// Drops `count` bytes from the front.
  package mutating func consume(_ count: Int) {
    precondition(count >= 0 && count <= self.count, "consume of \(count) beyond \(self.count)")
    start += count
    if start == end {
      start = 0
      end = 0
    }
  }

  /// Keeps the first `count` readable bytes only.
  mutating func truncate(to count: Int) {
    precondition(count >= 0 && count <= self.count, "truncate to \(count) beyond \(self.count)")
    end = start + count
  }

  /// Moves what follows the first `offset` readable bytes by `delta` (room must be reserved).
  mutating func shift(from offset: Int, by delta: Int) {
    precondition(offset >= 0 && offset <= count && offset + delta >= 0, "shift out of range")
    if delta > 0 { _ = reserve(delta) }
    guard let storage else { return }
    memmove(storage + start + offset + delta, storage + start + offset, count - offset)
    end += delta
  }

  /// Overwrites readable bytes from `offset` with `value` in decimal, `digits` wide.
  mutating func overwrite(at offset: Int, decimal value: Int, digits: Int) {
    precondition(offset >= 0 && offset + digits <= count, "overwrite out of range")
    guard let storage else { return }
    var rest = value
    for index in stride(from: digits - 1, through: 0, by: -1) {
      storage[start + offset + index] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
      rest /= 10
    }
  }

  /// Memory of a buffer, without an owner.
  struct Allocation {
    let pointer: UnsafeMutablePointer<UInt8>
    let capacity: Int
  }

  /// Gives up the memory: the buffer is empty afterwards and the caller owns the allocation.
  mutating func release() -> Allocation? {
    defer {
      storage = nil
      capacity = 0
      start = 0
      end = 0
    }
    return storage.map { Allocation(pointer: $0, capacity: capacity) }
  }
}

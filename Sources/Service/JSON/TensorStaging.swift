internal import Glibc
package import Tensors

/// Elements of one tensor while a request is read: a buffer that grows and is used again.
///
/// The rows of requests are staged here, then copied behind each other into a batch.
package final class TensorStaging {
  package let dtype: DType
  /// How many elements there are.
  package internal(set) var elementCount = 0
  /// The shape that was found, one entry a dimension.
  package internal(set) var shape = StagedShape()
  /// The elements' bytes, room for `capacity` elements.
  private(set) var storage: UnsafeMutableRawPointer?
  private(set) var capacity = 0

  package init(_ dtype: DType) { self.dtype = dtype }

  deinit { storage?.deallocate() }

  /// Bytes of the elements.
  package var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: storage, count: elementCount * dtype.byteCount)
  }

  /// Forgets the elements; keeps the memory unless it is more than `bytesKeptMax`.
  func reset() {
    elementCount = 0
    shape = StagedShape()
    if capacity * dtype.byteCount > Self.bytesKeptMax {
      storage?.deallocate()
      storage = nil
      capacity = 0
    }
  }

  /// Makes room for `count` elements in all and answers where the first one is.
  @discardableResult
  func reserve(_ count: Int) -> UnsafeMutableRawPointer {
    if let storage, count <= capacity { return storage }
    let larger = max(count, capacity * 2, 64)
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: larger * dtype.byteCount,
      alignment: 64
    )
    if let storage {
      // All of it: `elementCount` does not count an array that is still being read.
      memory.copyMemory(from: storage, byteCount: capacity * dtype.byteCount)
      storage.deallocate()
    }
    storage = memory
    capacity = larger
    return memory
  }

  /// Adds elements given as bytes.
  func append(_ source: UnsafeRawBufferPointer) {
    let count = source.count / dtype.byteCount
    let target = reserve(elementCount + count)
    if let base = source.baseAddress, count > 0 {
      memcpy(target + elementCount * dtype.byteCount, base, count * dtype.byteCount)
    }
    elementCount += count
  }

  /// Replaces everything by zeros in this shape.
  func fill(zeros zeroShape: Shape) {
    reset()
    shape = StagedShape(zeroShape.dimensions)
    elementCount = zeroShape.elementCount
    memset(reserve(elementCount), 0, elementCount * dtype.byteCount)
  }

  /// Memory that a staging buffer keeps between requests, bytes.
  private static let bytesKeptMax = 1 << 20
}

/// Sizes of up to `Shape.rankMax` dimensions, without allocating.
package struct StagedShape: Equatable {
  private var sizes = InlineArray<16, Int>(repeating: 0)
  package private(set) var rank = 0

  package init() {}

  package init(_ dimensions: some Sequence<Int>) {
    for size in dimensions { append(size) }
  }

  package subscript(index: Int) -> Int {
    get { sizes[index] }
    set { sizes[index] = newValue }
  }

  /// Adds a dimension.
  ///
  /// - Precondition: `rank < Shape.rankMax`.
  package mutating func append(_ size: Int) {
    sizes[rank] = size
    rank += 1
  }

  /// The dimensions as an array.
  package var dimensions: [Int] { (0..<rank).map { sizes[$0] } }

  package static func == (left: StagedShape, right: StagedShape) -> Bool {
    guard left.rank == right.rank else { return false }
    for index in 0..<left.rank where left.sizes[index] != right.sizes[index] { return false }
    return true
  }
}

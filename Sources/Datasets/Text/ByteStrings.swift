/// Many short strings of bytes, one behind the other: as arrays of their own each would take several times its bytes.
struct ByteStrings: Sendable, Equatable {
  private var bytes: [UInt8] = []
  /// Where each string ends.
  private var ends: [Int] = []

  var count: Int { ends.count }

  /// - Precondition: `index` is at least 0 and less than `count`.
  subscript(index: Int) -> ArraySlice<UInt8> {
    bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  mutating func append(_ string: some Sequence<UInt8>) {
    bytes.append(contentsOf: string)
    ends.append(bytes.count)
  }

  /// Keeps no more memory than the strings take.
  mutating func shrink() {
    bytes = bytes.withUnsafeBufferPointer { Array($0) }
    ends = ends.withUnsafeBufferPointer { Array($0) }
  }
}

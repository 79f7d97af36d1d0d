/// Places buffers with known lifetimes in one arena: largest first, each at the lowest offset that is free for its whole life.
struct MemoryPlanner {
  /// Bytes that every offset is a multiple of.
  static let alignment = 64

  /// A buffer in use from step `first` to step `last`, both included.
  struct Buffer {
    var byteCount: Int
    var first: Int
    var last: Int
  }

  /// Offsets in the order of the buffers, and the arena's size.
  static func place(_ buffers: [Buffer]) -> (offsets: [Int], byteCount: Int) {
    var offsets = [Int](repeating: 0, count: buffers.count)
    var placed: [(offset: Int, end: Int, first: Int, last: Int)] = []
    var total = 0
    let order = buffers.indices.sorted {
      (buffers[$0].byteCount, $1) > (buffers[$1].byteCount, $0)
    }
    for index in order {
      let buffer = buffers[index]
      let size = max((buffer.byteCount + alignment - 1) / alignment * alignment, alignment)
      var offset = 0
      for other in placed where other.first <= buffer.last && buffer.first <= other.last {
        if other.offset - offset >= size { break }
        offset = max(offset, other.end)
      }
      offsets[index] = offset
      let entry = (offset: offset, end: offset + size, first: buffer.first, last: buffer.last)
      let position = placed.firstIndex { $0.offset > offset } ?? placed.endIndex
      placed.insert(entry, at: position)
      total = max(total, offset + size)
    }
    return (offsets, total)
  }
}

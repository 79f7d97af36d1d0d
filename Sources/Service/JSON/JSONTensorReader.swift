import Tensors

/// Reads nested arrays of numbers straight into tensor storage, finding the shape on the way.
///
/// Iterative: depth is bounded by `Shape.rankMax`, not by the stack. No tree is built in between.
struct JSONTensorReader {
  /// What the text calls this value, for messages: `instances`, `inputs.image`.
  let name: String

  /// Reads the value at the cursor and appends its elements to `staging`.
  ///
  /// - Returns: The value's shape, `[]` for a bare number.
  /// - Throws: `JSONError` for what is no number, arrays of unequal length or depth (with the path of the
  ///   first that differs) and nesting beyond `Shape.rankMax`.
  func read(
    _ cursor: inout JSONCursor,
    into staging: TensorStaging
  ) throws(JSONError) -> StagedShape {
    switch staging.dtype {
    case .float32: try read(Float.self, &cursor, staging)
    case .float64: try read(Double.self, &cursor, staging)
    case .float16: try read(Float16.self, &cursor, staging)
    case .bfloat16: try read(BFloat16.self, &cursor, staging)
    case .int8: try read(Int8.self, &cursor, staging)
    case .int16: try read(Int16.self, &cursor, staging)
    case .int32: try read(Int32.self, &cursor, staging)
    case .int64: try read(Int64.self, &cursor, staging)
    case .uint8: try read(UInt8.self, &cursor, staging)
    case .uint16: try read(UInt16.self, &cursor, staging)
    case .uint32: try read(UInt32.self, &cursor, staging)
    case .uint64: try read(UInt64.self, &cursor, staging)
    case .bool: try read(Bool.self, &cursor, staging)
    }
  }

  /// Where the reader is inside the nested arrays.
  private struct Nesting {
    /// Arrays that are open.
    var depth = 0
    /// Elements read so far of each open array.
    var counts = InlineArray<16, Int>(repeating: 0)
    /// Length of the arrays at each depth, -1 until one has ended.
    var sizes = InlineArray<16, Int>(repeating: -1)
    /// Depth of the numbers, -1 until one was read.
    var rank = -1

    /// `[2][0][7]`: the element being read, `levels` deep.
    func path(_ levels: Int) -> String {
      (0..<levels).map { "[\(counts[$0])]" }.joined()
    }
  }

  private func read<Element: JSONScalar>(
    _ type: Element.Type,
    _ cursor: inout JSONCursor,
    _ staging: TensorStaging
  ) throws(JSONError) -> StagedShape {
    var nesting = Nesting()
    repeat {
      try open(&cursor, &nesting)
      // An empty array was closed at once.
      if nesting.rank != nesting.depth { continue }
      if nesting.depth == 0 {
        let value = try Element.read(&cursor)
        withUnsafeBytes(of: value) { staging.append($0) }
      } else {
        try numbers(type, &cursor, &nesting, staging)
      }
      try close(&cursor, &nesting)
    } while nesting.depth > 0
    var shape = StagedShape()
    for index in 0..<max(nesting.rank, 0) { shape.append(max(nesting.sizes[index], 0)) }
    return shape
  }

  /// Moves over opening brackets down to the first number, or over one empty array.
  private func open(
    _ cursor: inout JSONCursor,
    _ nesting: inout Nesting
  ) throws(JSONError) {
    while cursor.take(0x5B) {
      guard nesting.depth < Shape.rankMax else {
        throw cursor.error("\(name) is nested deeper than \(Shape.rankMax) arrays")
      }
      if nesting.rank >= 0, nesting.depth == nesting.rank {
        throw JSONError(
          offset: cursor.offset - 1,
          reason: "expected a number at \(name)\(nesting.path(nesting.depth)), found an array"
        )
      }
      nesting.counts[nesting.depth] = 0
      nesting.depth += 1
      if cursor.take(0x5D) {
        try closeEmpty(&cursor, &nesting)
        return
      }
    }
    if nesting.rank < 0 { nesting.rank = nesting.depth }
    guard nesting.rank == nesting.depth else {
      throw cursor.error(
        "expected an array at \(name)\(nesting.path(nesting.depth)), found \(cursor.found)"
      )
    }
  }

  /// Numbers read one by one before a run is tried again.
  private static let numbersBetweenRuns = 16

  /// Reads the numbers of one innermost array up to its closing bracket, which it leaves.
  @inline(__always)
  private func numbers<Element: JSONScalar>(
    _ type: Element.Type,
    _ cursor: inout JSONCursor,
    _ nesting: inout Nesting,
    _ staging: TensorStaging
  ) throws(JSONError) {
    let level = nesting.depth - 1
    let first = staging.elementCount
    var base = staging.reserve(first + 1).assumingMemoryBound(to: Element.self)
    var index = first
    var capacity = staging.capacity
    // Where the next run of numbers is tried: not again at once where there was none.
    var nextRun = first
    while true {
      if index == capacity {
        // Growing keeps the elements that are counted.
        staging.elementCount = index
        base = staging.reserve(index + 1).assumingMemoryBound(to: Element.self)
        capacity = staging.capacity
      }
      if Element.self == Float.self, index >= nextRun {
        let count = cursor.floats(
          into: UnsafeMutableRawPointer(base + index),
          capacity: capacity - index
        )
        index += count
        nextRun = count > 0 ? index + 1 : index + Self.numbersBetweenRuns
        if index == capacity { continue }
      }
      do throws(JSONError) {
        base[index] = try Element.read(&cursor)
      } catch {
        nesting.counts[level] = index - first
        throw JSONError(
          offset: error.offset,
          reason: "\(name)\(nesting.path(nesting.depth)): \(error.reason)"
        )
      }
      index &+= 1
      if cursor.position < cursor.end, cursor.position.pointee == 0x2C {
        cursor.position += 1
      } else if !cursor.take(0x2C) {
        break
      }
      cursor.skipSpace()
    }
    nesting.counts[level] = index - first
    staging.elementCount = index
  }

  /// Moves over what follows a value: closing brackets, then one comma when arrays are still open.
  private func close(
    _ cursor: inout JSONCursor,
    _ nesting: inout Nesting
  ) throws(JSONError) {
    while nesting.depth > 0 {
      if cursor.take(0x2C) { return }
      try cursor.expect(
        0x5D,
        "or ',' after \(name)\(nesting.path(nesting.depth - 1))[\(nesting.counts[nesting.depth - 1] - 1)]"
      )
      try ended(&cursor, &nesting)
    }
  }

  private func closeEmpty(
    _ cursor: inout JSONCursor,
    _ nesting: inout Nesting
  ) throws(JSONError) {
    if nesting.rank >= 0, nesting.depth != nesting.rank {
      throw JSONError(
        offset: cursor.offset - 1,
        reason:
          "\(name)\(nesting.path(nesting.depth - 1)) is an empty array, expected \(nesting.rank - nesting.depth + 1) more dimensions"
      )
    }
    if nesting.rank < 0 { nesting.rank = nesting.depth }
    try ended(&cursor, &nesting)
    try close(&cursor, &nesting)
  }

  /// Leaves the innermost array and compares its length with the first one of that depth.
  private func ended(
    _ cursor: inout JSONCursor,
    _ nesting: inout Nesting
  ) throws(JSONError) {
    let level = nesting.depth - 1
    let count = nesting.counts[level]
    let size = nesting.sizes[level]
    if size < 0 {
      nesting.sizes[level] = count
    } else if size != count {
      let first = String(repeating: "[0]", count: level)
      throw JSONError(
        offset: cursor.offset - 1,
        reason:
          "arrays of unequal length: \(name)\(nesting.path(level)) has \(count) elements, \(name)\(first) has \(size)"
      )
    }
    nesting.depth = level
    if level > 0 { nesting.counts[level - 1] += 1 }
  }
}

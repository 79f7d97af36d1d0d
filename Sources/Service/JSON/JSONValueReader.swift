/// Reads whole JSON values, strictly: duplicate keys, deep nesting and large trees are refused.
struct JSONValueReader {
  /// Arrays and objects inside each other.
  static let depthMax = 64
  /// Values in one text, 10 bytes of memory and more each.
  static let valueCountMax = 100_000

  private var valueCount = 0

  /// Reads a text that holds one value and nothing else.
  ///
  /// - Throws: `JSONError` with the position of what is wrong.
  static func read(_ text: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
    var cursor = JSONCursor(text)
    var reader = JSONValueReader()
    let value = try reader.value(&cursor)
    cursor.skipSpace()
    guard cursor.isAtEnd else {
      throw cursor.error("expected the end after the value, found \(cursor.found)")
    }
    return value
  }

  /// An array or object whose end has not been read; changed in place, so that adding to it is cheap.
  private struct Container {
    let isObject: Bool
    /// Of an array.
    var elements: [JSONValue] = []
    /// Of an object.
    var members: [JSONValue.Member] = []
    /// The key whose value comes next.
    var key = ""
  }

  /// Reads one value at the cursor and leaves what follows.
  ///
  /// Iterative: nesting costs no stack.
  mutating func value(_ cursor: inout JSONCursor) throws(JSONError) -> JSONValue {
    var open: [Container] = []
    while true {
      valueCount += 1
      guard valueCount <= Self.valueCountMax else {
        throw cursor.error("more than \(Self.valueCountMax) values")
      }
      guard var value = try begin(&cursor, &open) else {
        guard open.count <= Self.depthMax else {
          throw cursor.error("nested deeper than \(Self.depthMax) levels")
        }
        continue
      }
      while !open.isEmpty {
        guard let whole = try add(value, &open, &cursor) else { break }
        value = whole
      }
      if open.isEmpty { return value }
    }
  }

  /// Reads a scalar or empty container; or opens a container and answers nil.
  private func begin(
    _ cursor: inout JSONCursor,
    _ open: inout [Container]
  ) throws(JSONError) -> JSONValue? {
    if cursor.take(0x5B) {
      if cursor.take(0x5D) { return .array([]) }
      open.append(Container(isObject: false))
      return nil
    }
    if cursor.take(0x7B) {
      if cursor.take(0x7D) { return .object([]) }
      open.append(Container(isObject: true, key: try key(&cursor, of: [])))
      return nil
    }
    return try scalar(&cursor)
  }

  /// Adds a value to the innermost container; closes and answers the container at its end, or nil where
  /// another value follows.
  private func add(
    _ value: JSONValue,
    _ open: inout [Container],
    _ cursor: inout JSONCursor
  ) throws(JSONError) -> JSONValue? {
    let last = open.count - 1
    if open[last].isObject {
      open[last].members.append(JSONValue.Member(open[last].key, value))
      if cursor.take(0x2C) {
        open[last].key = try key(&cursor, of: open[last].members)
        return nil
      }
      try cursor.expect(0x7D, "or ',' in an object")
      return .object(open.removeLast().members)
    }
    open[last].elements.append(value)
    if cursor.take(0x2C) { return nil }
    try cursor.expect(0x5D, "or ',' in an array")
    return .array(open.removeLast().elements)
  }

  /// Members that one object may have: each key is compared with all before.
  static let memberCountMax = 1000

  private func key(
    _ cursor: inout JSONCursor,
    of members: [JSONValue.Member]
  ) throws(JSONError) -> String {
    cursor.skipSpace()
    let offset = cursor.offset
    let key = try cursor.string()
    guard !members.contains(where: { $0.key.utf8.elementsEqual(key.utf8) }) else {
      throw JSONError(offset: offset, reason: "the key '\(key)' is there twice")
    }
    guard members.count < Self.memberCountMax else {
      throw JSONError(offset: offset, reason: "more than \(Self.memberCountMax) keys in an object")
    }
    try cursor.expect(0x3A, "after a key")
    return key
  }

  private func scalar(_ cursor: inout JSONCursor) throws(JSONError) -> JSONValue {
    cursor.skipSpace()
    switch cursor.peek() {
    case 0x22: return .string(try cursor.string())
    case 0x74 where cursor.take(word: "true"): return .bool(true)
    case 0x66 where cursor.take(word: "false"): return .bool(false)
    case 0x6E where cursor.take(word: "null"): return .null
    case 0x2D, 0x30...0x39, 0x4E, 0x49: return .number(try cursor.double())
    default: throw cursor.error("expected a value, found \(cursor.found)")
    }
  }
}

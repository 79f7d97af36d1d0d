import Storage

/// What a run of bytes is; the first bytes say it.
enum RecordKind: String {
  case job = "job"
  case event = "evt"

  /// The layout written today.
  ///
  /// Records outlive programs: a change of layout takes a new number, and readers keep reading the old one.
  static let format = 1
}

/// Writes the fields of a record one after the other: integers as 8 bytes little-endian, bytes and texts behind their length.
struct RecordWriter {
  private(set) var bytes: [UInt8]

  init(_ kind: RecordKind) {
    bytes = Array(kind.rawValue.utf8) + [UInt8(RecordKind.format)]
  }

  mutating func append(_ value: Int) {
    withUnsafeBytes(of: Int64(value).littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ value: [UInt8]) {
    append(value.count)
    bytes += value
  }

  mutating func append(_ value: String) { append(Array(value.utf8)) }

  mutating func append(_ value: Bool) { bytes.append(value ? 1 : 0) }

  /// A flag and, where it is set, the value.
  mutating func append<Value>(_ value: Value?, _ write: (inout Self, Value) -> Void) {
    append(value != nil)
    if let value { write(&self, value) }
  }

  /// Adds the start of the SHA-256 of everything so far.
  mutating func seal() { bytes += RecordSeal.digest(bytes[...]) }
}

/// Reads what `RecordWriter` wrote, strictly: nothing may be missing, left over or out of its range.
struct RecordReader {
  private let kind: RecordKind
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8], _ kind: RecordKind) throws(FormatError) {
    self.kind = kind
    rest = bytes[...]
    guard try take(3, "kind").elementsEqual(kind.rawValue.utf8) else { throw error("another kind") }
    let format = try take(1, "format").reduce(0) { $0 + Int($1) }
    guard format == RecordKind.format else {
      throw error("format \(format); this program reads \(RecordKind.format)")
    }
  }

  mutating func int(_ field: String) throws(FormatError) -> Int {
    let bits = try take(8, field).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(truncatingIfNeeded: bits)
  }

  mutating func count(_ field: String) throws(FormatError) -> Int {
    let value = try int(field)
    guard value >= 0 else { throw error("\(field) is \(value); 0 or more expected") }
    return value
  }

  mutating func bytes(_ field: String) throws(FormatError) -> [UInt8] {
    Array(try take(try count(field), field))
  }

  mutating func string(_ field: String) throws(FormatError) -> String {
    guard let text = String(validating: try bytes(field), as: UTF8.self) else {
      throw error("\(field) is not UTF-8")
    }
    return text
  }

  mutating func bool(_ field: String) throws(FormatError) -> Bool {
    switch try take(1, field).first {
    case 0: return false
    case 1: return true
    default: throw error("\(field) is neither 0 nor 1")
    }
  }

  mutating func optional<Value>(
    _ field: String,
    _ read: (inout Self) throws(FormatError) -> Value
  ) throws(FormatError) -> Value? {
    try bool(field) ? try read(&self) : nil
  }

  mutating func word<Value>(
    _ field: String,
    _ make: (String) -> Value?
  ) throws(FormatError) -> Value {
    let text = try string(field)
    guard let value = make(text) else { throw error("\(field) is '\(text.prefix(40))'") }
    return value
  }

  func finish() throws(FormatError) {
    guard rest.isEmpty else { throw error("\(rest.count) bytes are left over") }
  }

  func error(_ detail: String) -> FormatError {
    FormatError("\(kind) record", at: rest.startIndex, detail)
  }

  private mutating func take(_ count: Int, _ field: String) throws(FormatError) -> ArraySlice<UInt8>
  {
    guard count <= rest.count else {
      throw error("\(field) needs \(count) bytes; \(rest.count) are left")
    }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}

/// The checksum at a record's end.
enum RecordSeal {
  static let byteCount = 8

  static func digest(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update($0) }
    return hash.finalize().prefix(byteCount)
  }

  /// The bytes before the checksum.
  static func open(_ bytes: [UInt8]) throws(FormatError) -> [UInt8] {
    let content = bytes.dropLast(byteCount)
    guard bytes.count >= byteCount, bytes.suffix(byteCount).elementsEqual(digest(content)) else {
      throw FormatError("job record", "\(bytes.count) bytes do not match their checksum")
    }
    return Array(content)
  }
}

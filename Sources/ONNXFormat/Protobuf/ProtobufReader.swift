package import Storage

/// Walks over the fields of one protobuf message (proto2/proto3 wire format), without recursion and without copying.
///
/// Nested messages are ranges of the same bytes: the caller opens them with `message(_:)`, which counts the depth.
package struct ProtobufReader {
  /// Messages inside messages; ONNX without subgraphs needs 7.
  package static let depthMax = 32

  /// One field: its number and where its payload stands.
  package struct Field {
    package let number: Int
    package let payload: Payload
    /// Where the field starts, in bytes from the start of the file.
    package let offset: Int
  }

  /// The payload by wire type; groups are refused.
  package enum Payload {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(Range<Int>)
    case fixed32(UInt32)
  }

  package let bytes: [UInt8]
  private var position: Int
  private let end: Int
  private let depth: Int

  package init(_ bytes: [UInt8]) {
    self.init(bytes, bytes.indices, depth: 0)
  }

  private init(_ bytes: [UInt8], _ range: Range<Int>, depth: Int) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
    self.depth = depth
  }

  /// The next field, or `nil` at the end of the message.
  ///
  /// - Throws: `FormatError` for a field that is cut short, a wrong number or wire type, or an overlong varint.
  package mutating func next() throws(FormatError) -> Field? {
    guard position < end else { return nil }
    let offset = position
    let key = try varint()
    let number = Int(truncatingIfNeeded: key >> 3)
    guard number >= 1, key >> 3 < 1 << 29 else {
      throw error(offset, "field number \(key >> 3) is not between 1 and 2^29 - 1")
    }
    let payload: Payload
    switch key & 7 {
    case 0: payload = .varint(try varint())
    case 1: payload = .fixed64(try fixed(8))
    case 2:
      let count = try varint()
      guard count <= UInt64(end - position) else {
        throw error(offset, "field \(number) takes \(count) bytes, \(end - position) are left")
      }
      payload = .bytes(position..<position + Int(count))
      position += Int(count)
    case 5: payload = .fixed32(UInt32(truncatingIfNeeded: try fixed(4)))
    case 3, 4: throw error(offset, "field \(number) is a group, which ONNX does not use")
    default: throw error(offset, "field \(number) has wire type \(key & 7)")
    }
    return Field(number: number, payload: payload, offset: offset)
  }

  /// A reader for a nested message.
  package func message(_ field: Field) throws(FormatError) -> ProtobufReader {
    guard depth < ProtobufReader.depthMax else {
      throw error(field.offset, "more than \(ProtobufReader.depthMax) messages inside each other")
    }
    return ProtobufReader(bytes, try range(field), depth: depth + 1)
  }

  /// The bytes of a length-delimited field.
  package func range(_ field: Field) throws(FormatError) -> Range<Int> {
    guard case .bytes(let range) = field.payload else { throw mismatch(field, "bytes") }
    return range
  }

  /// A field of type string.
  package func string(_ field: Field) throws(FormatError) -> String {
    let range = try range(field)
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw error(field.offset, "field \(field.number) is not UTF-8")
    }
    return text
  }

  /// A field of type int64, int32, uint64 or enum.
  package func int(_ field: Field) throws(FormatError) -> Int {
    guard case .varint(let value) = field.payload else { throw mismatch(field, "a varint") }
    return Int(truncatingIfNeeded: value)
  }

  /// A field of type float.
  package func float(_ field: Field) throws(FormatError) -> Float {
    guard case .fixed32(let bits) = field.payload else { throw mismatch(field, "a float") }
    return Float(bitPattern: bits)
  }

  /// Appends the elements of a repeated varint field, packed or single.
  package func appendVarints(
    _ field: Field,
    to values: inout [UInt64]
  ) throws(FormatError) {
    if case .varint(let value) = field.payload {
      values.append(value)
      return
    }
    var inner = ProtobufReader(bytes, try range(field), depth: depth)
    while inner.position < inner.end { values.append(try inner.varint()) }
  }

  /// Appends the raw bytes of a repeated fixed-size field, packed or single, as a little-endian array.
  package func appendFixed(
    _ field: Field,
    width: Int,
    to target: inout [UInt8]
  ) throws(FormatError) {
    switch (field.payload, width) {
    case (.fixed32(let bits), 4):
      withUnsafeBytes(of: bits.littleEndian) { target.append(contentsOf: $0) }
    case (.fixed64(let bits), 8):
      withUnsafeBytes(of: bits.littleEndian) { target.append(contentsOf: $0) }
    case (.bytes(let range), _):
      guard range.count % width == 0 else {
        throw error(
          field.offset,
          "field \(field.number) packs \(range.count) bytes of \(width)-byte numbers"
        )
      }
      target.append(contentsOf: bytes[range])
    default: throw mismatch(field, "\(width)-byte numbers")
    }
  }

  /// An error at a place in the file.
  package func error(_ offset: Int, _ detail: String) -> FormatError {
    FormatError("protobuf", at: offset, detail)
  }

  private func mismatch(_ field: Field, _ expected: String) -> FormatError {
    error(field.offset, "field \(field.number) does not hold \(expected)")
  }

  private mutating func varint() throws(FormatError) -> UInt64 {
    let start = position
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while position < end {
      let byte = bytes[position]
      position += 1
      guard shift < 63 || byte <= 1 else { throw error(start, "a varint exceeds 64 bits") }
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
    throw error(start, "a varint is cut short")
  }

  private mutating func fixed(_ count: Int) throws(FormatError) -> UInt64 {
    guard end - position >= count else { throw error(position, "a number is cut short") }
    var result: UInt64 = 0
    for index in (0..<count).reversed() { result = result << 8 | UInt64(bytes[position + index]) }
    position += count
    return result
  }
}

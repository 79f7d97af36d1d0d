/// Builds one protobuf message; fields appear in the order in which they are written.
package struct ProtobufWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// A field of type int64 or enum; negative numbers take ten bytes, as protobuf has it.
  package mutating func int(_ number: Int, _ value: Int) {
    key(number, wireType: 0)
    varint(UInt64(bitPattern: Int64(value)))
  }

  /// A field of type float.
  package mutating func float(_ number: Int, _ value: Float) {
    key(number, wireType: 5)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// A field of type string.
  package mutating func string(_ number: Int, _ value: String) {
    data(number, Array(value.utf8))
  }

  /// A field of type bytes.
  package mutating func data(_ number: Int, _ value: [UInt8]) {
    value.withUnsafeBytes { data(number, $0) }
  }

  /// A field of type bytes.
  package mutating func data(_ number: Int, _ value: UnsafeRawBufferPointer) {
    key(number, wireType: 2)
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// A nested message.
  package mutating func message(_ number: Int, _ value: ProtobufWriter) {
    data(number, value.bytes)
  }

  /// A repeated int64 field in packed form.
  package mutating func packedInts(_ number: Int, _ values: [Int]) {
    var inner = ProtobufWriter()
    for value in values { inner.varint(UInt64(bitPattern: Int64(value))) }
    message(number, inner)
  }

  /// A repeated float field in packed form.
  package mutating func packedFloats(_ number: Int, _ values: [Float]) {
    values.withUnsafeBytes { data(number, $0) }
  }

  private mutating func key(_ number: Int, wireType: UInt64) {
    varint(UInt64(number) << 3 | wireType)
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}

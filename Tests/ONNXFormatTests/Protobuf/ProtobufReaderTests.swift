import ONNXFormat
import Storage
import TestSupport
import Testing

@Suite struct ProtobufReaderTests {
  private func fields(_ bytes: [UInt8]) throws -> [ProtobufReader.Field] {
    var reader = ProtobufReader(bytes)
    var result: [ProtobufReader.Field] = []
    while let field = try reader.next() { result.append(field) }
    return result
  }

  @Test func readsWhatTheWriterWrites() throws {
    var inner = ProtobufWriter()
    inner.string(1, "é")
    var writer = ProtobufWriter()
    writer.int(1, -1)
    writer.float(2, 1.5)
    writer.message(3, inner)
    writer.packedInts(4, [0, 300, -2])
    writer.packedFloats(5, [1, 2])
    writer.int(536_870_911, .max)
    let reader = ProtobufReader(writer.bytes)
    let found = try fields(writer.bytes)
    #expect(found.map(\.number) == [1, 2, 3, 4, 5, 536_870_911])
    #expect(try reader.int(found[0]) == -1)
    #expect(try reader.float(found[1]) == 1.5)
    var nested = try reader.message(found[2])
    let text = try #require(try nested.next())
    #expect(try nested.string(text) == "é")
    #expect(try nested.next() == nil)
    var values: [UInt64] = []
    try reader.appendVarints(found[3], to: &values)
    #expect(values.map { Int64(bitPattern: $0) } == [0, 300, -2])
    var raw: [UInt8] = []
    try reader.appendFixed(found[4], width: 4, to: &raw)
    #expect(raw == [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])
    #expect(try reader.int(found[5]) == .max)
  }

  @Test(
    arguments: [
      [0x08],  // varint missing
      [0x08, 0x80],  // varint cut
      [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],  // 65 bits
      [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],  // 11 bytes
      [0x00, 0x00],  // field 0
      [0x0B],  // group
      [0x0C],  // end of group
      [0x0E], [0x0F],  // no such wire type
      [0x0A, 0x02, 0x00],  // two bytes promised, one there
      [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],  // 2^64 - 1 bytes
      [0x0D, 0, 0, 0], [0x09, 0, 0, 0, 0, 0, 0, 0],  // fixed numbers cut
      [0x80, 0x80, 0x80, 0x80, 0x10, 0x00],  // field 2^29
    ] as [[UInt8]]
  )
  func malformedBytesAreErrors(bytes: [UInt8]) {
    #expect(throws: FormatError.self) { try fields(bytes) }
  }

  @Test func theLargestVarintFits() throws {
    let bytes: [UInt8] = [0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x01]
    #expect(try ProtobufReader(bytes).int(fields(bytes)[0]) == -1)
  }

  @Test func depthIsLimited() throws {
    var bytes: [UInt8] = []
    for _ in 0..<60 {
      var writer = ProtobufWriter()
      writer.data(1, bytes)
      bytes = writer.bytes
    }
    var reader = ProtobufReader(bytes)
    var depth = 0
    #expect(throws: FormatError.self) {
      while let field = try reader.next() {
        reader = try reader.message(field)
        depth += 1
      }
    }
    #expect(depth == ProtobufReader.depthMax)
  }

  @Test func wrongWireTypesAndTextAreErrors() throws {
    let bytes: [UInt8] = [0x08, 0x01, 0x12, 0x01, 0xFF]
    let reader = ProtobufReader(bytes)
    let found = try fields(bytes)
    #expect(throws: FormatError.self) { try reader.float(found[0]) }
    #expect(throws: FormatError.self) { try reader.message(found[0]) }
    #expect(throws: FormatError.self) { try reader.int(found[1]) }
    #expect(throws: FormatError.self) { try reader.string(found[1]) }
  }
}

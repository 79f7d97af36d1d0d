import Storage
import Testing

@testable import Datasets

@Suite struct TarWriterTests {
  func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  @Test func aFileIsAHeaderItsBytesAndZeros() throws {
    let archive = try TarWriter.write([("cats/1.png", [1, 2, 3])])
    #expect(archive.count == 4 * 512)
    #expect(text(archive[0..<100]) == "cats/1.png")
    #expect(text(archive[124..<136]) == "00000000003")
    #expect(archive[156] == UInt8(ascii: "0"))
    #expect(Array(archive[257..<265]) == Array("ustar\u{0}00".utf8))
    #expect(Array(archive[512..<515]) == [1, 2, 3])
    #expect(archive[515...].allSatisfy { $0 == 0 })
    // The checksum counts its own eight bytes as spaces.
    let sum = archive[..<512].enumerated().reduce(0) {
      $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
    }
    #expect(Int(text(archive[148..<154]), radix: 8) == sum)
    #expect(Array(archive[154..<156]) == [0, 32])
  }

  @Test func contentsEndOnBlocks() throws {
    #expect(TarWriter.padding(after: 0) == [])
    #expect(TarWriter.padding(after: 512) == [])
    #expect(TarWriter.padding(after: 1).count == 511)
    #expect(TarWriter.padding(after: 513).count == 511)
  }

  @Test func longNamesStandInARecordBefore() throws {
    let name = String(repeating: "é", count: 60)
    let header = try TarWriter.header(name, byteCount: 7)
    #expect(header.count == 3 * 512)
    #expect(header[156] == UInt8(ascii: "x"))
    #expect(text(header[512..<1024]) == "130 path=\(name)\n")
    #expect(text(header[124..<136]) == "00000000202")
    #expect(header[1024 + 156] == UInt8(ascii: "0"))
    #expect(text(header[1024 + 124..<1024 + 136]) == "00000000007")
    #expect(try TarWriter.header(String(repeating: "a", count: 100), byteCount: 0).count == 512)
  }

  @Test(arguments: [90, 91, 92, 985, 986, 987, 1015])
  func recordsCountTheirOwnDigits(length: Int) throws {
    let name = String(repeating: "n", count: max(length, 101))
    let header = try TarWriter.header(name, byteCount: 0)
    let record = text(header[512..<(header.count - 512)])
    #expect(Int(record.prefix { $0 != " " }) == record.utf8.count)
  }

  @Test func whatCannotBeWrittenIsRefused() {
    #expect(throws: FormatError.self) { try TarWriter.header("", byteCount: 0) }
    #expect(throws: FormatError.self) {
      try TarWriter.header(String(repeating: "a", count: 1025), byteCount: 0)
    }
    #expect(throws: FormatError.self) { try TarWriter.header("a", byteCount: 1 << 33) }
    #expect(throws: Never.self) { try TarWriter.header("a", byteCount: (1 << 33) - 1) }
  }
}

import Storage
import Foundation
import TestSupport
import Tensors
import Testing

@testable import Datasets

@Suite struct TarTests {
  struct File: Equatable {
    let name: String
    let bytes: [UInt8]
  }

  private func read(_ archive: [UInt8], step: Int = 1000) throws -> [File] {
    var reader = TarReader(ByteStream(ByteStreamTests.Dripping(archive, step: step)))
    var files: [File] = []
    while let entry = try reader.next() {
      if entry.isFolder {
        files.append(File(name: entry.name + "/", bytes: []))
      } else {
        files.append(File(name: entry.name, bytes: try reader.content(byteCountMax: 1 << 20)))
      }
    }
    return files
  }

  private func unzipped(_ base64: String) throws -> [UInt8] {
    let data = try #require(Data(base64Encoded: base64))
    return try Deflate.inflate(Array(data)[...], .gzip, byteCountMax: 1 << 20)
  }

  private let hello = Array("hello".utf8)
  private let many = [UInt8](repeating: 0x78, count: 600)

  @Test func archivesOfOtherPrograms() throws {
    #expect(
      try read(unzipped(TarFiles.ustar)) == [
        File(name: "cats/", bytes: []), File(name: "cats/a.txt", bytes: hello),
        File(name: "dogs/b.txt", bytes: many),
      ]
    )
    let long = "dogs/" + String(repeating: "long-", count: 30) + "name.txt"
    let umlauts = "dogs/" + String(repeating: "ü", count: 60) + ".txt"
    for archive in [TarFiles.pax, TarFiles.gnu] {
      #expect(
        try read(unzipped(archive)) == [
          File(name: "cats/", bytes: []), File(name: "cats/a.txt", bytes: hello),
          File(name: long, bytes: many), File(name: umlauts, bytes: Array("u".utf8)),
        ]
      )
    }
    #expect(
      try read(unzipped(TarFiles.gnuTar)) == [
        File(name: "set/", bytes: []), File(name: "set/cats/", bytes: []),
        File(name: "set/cats/a.txt", bytes: hello), File(name: "set/dogs/", bytes: []),
        File(name: "set/dogs/b.txt", bytes: many),
      ]
    )
  }

  @Test(arguments: [1, 511, 512, 513]) func whatIsWrittenIsReadAgain(step: Int) throws {
    let files = [
      File(name: "a/b.png", bytes: [1, 2, 3]), File(name: "empty", bytes: []),
      File(name: String(repeating: "é/", count: 90) + "long", bytes: many),
      File(name: "whole block", bytes: [UInt8](repeating: 7, count: 1024)),
    ]
    let archive = try TarWriter.write(files.map { ($0.name, $0.bytes) })
    #expect(archive.count % 512 == 0)
    #expect(try read(archive, step: step) == files)
  }

  @Test func contentMayBeSkippedAndIsBounded() throws {
    let archive = try TarWriter.write([("a", many), ("b", hello)])
    var reader = TarReader(ByteStream(MemorySource(archive)))
    #expect(try reader.next()?.size == 600)
    #expect(throws: FormatError.self) { try reader.content(byteCountMax: 599) }
    #expect(try reader.next()?.name == "b")
    #expect(try reader.content(byteCountMax: 5) == hello)
    #expect(try reader.next() == nil)
    #expect(try reader.next() == nil)
  }

  /// An archive of one entry whose header `edit` changed, with its checksum put right.
  private func edited(_ name: String = "a", _ edit: (inout [UInt8]) -> Void) throws -> [UInt8] {
    var archive = try TarWriter.write([(name, hello)])
    edit(&archive)
    var sum = 0
    for index in 0..<512 { sum += (148..<156).contains(index) ? 0x20 : Int(archive[index]) }
    let digits = Array(String(sum, radix: 8).utf8)
    archive.replaceSubrange(
      148..<156,
      with: [UInt8](repeating: 0x30, count: 6 - digits.count) + digits + [0, 0x20]
    )
    return archive
  }

  @Test(arguments: [
    "/etc/passwd", "../x", "a/../../x", "..", "a/..", "/", "//x",
  ]) func namesThatLeadOutAreRefused(name: String) throws {
    let archive = try TarWriter.write([(name, [])])
    #expect(throws: FormatError.self) { try read(archive) }
  }

  @Test func namesAreCleaned() throws {
    #expect(try read(TarWriter.write([("./a//b/./c", [])])) == [File(name: "a/b/c", bytes: [])])
  }

  @Test(arguments: ["1", "2", "3", "4", "6", "S", "K", "Z", "5"])
  func entriesThatAreNoFilesAreRefused(type: String) throws {
    let archive = try edited { $0[156] = Array(type.utf8)[0] }
    #expect(throws: FormatError.self) { try read(archive) }
  }

  @Test func damageIsAnError() throws {
    let whole = try TarWriter.write([("a", hello), ("b", many)])
    var checksum = whole
    checksum[0] ^= 1
    let size = try edited { $0[130] = UInt8(ascii: "9") }
    let binarySize = try edited { $0[124] = 0x80 }
    let huge = try edited {
      $0.replaceSubrange(124..<135, with: [UInt8](repeating: 0x37, count: 11))
    }
    let name = try edited { $0[0] = 0xFF }
    let noName = try edited { $0[0] = 0 }
    for archive in [checksum, size, binarySize, huge, name, noName, whole + hello, []] {
      #expect(throws: FormatError.self) { try read(archive) }
    }
    for count in stride(from: 0, to: whole.count - 1024, by: 100) {
      #expect(throws: FormatError.self) { try read(Array(whole.prefix(count))) }
    }
    #expect(try read(Array(whole.dropLast(512))).count == 2)
  }

  /// An archive whose entry has a pax header with this text as its records.
  private func archive(withRecords text: String) throws -> [UInt8] {
    let long = String(repeating: "l", count: 120)
    let archive = try TarWriter.write([(long, hello)])
    let plain = try TarWriter.write([("pax", Array(text.utf8))])
    var header = Array(plain.prefix(1024))
    header[156] = UInt8(ascii: "x")
    var sum = 0
    for index in 0..<512 { sum += (148..<156).contains(index) ? 0x20 : Int(header[index]) }
    header.replaceSubrange(148..<154, with: ("00000" + String(sum, radix: 8)).utf8.suffix(6))
    return header + archive.dropFirst(1024)
  }

  @Test func paxRecordsNameTheEntry() throws {
    let records = "9 path=x\n9 size=5\n12 mtime=12\n"
    #expect(try read(archive(withRecords: records)) == [File(name: "x", bytes: hello)])
  }

  @Test(arguments: [
    "5 path=x\n", "99 path=x\n", "path=x\n", "9 path:x\n", "9 path=\u{0}\n", "14 size=words\n",
    "9 size=9\n", "18 GNU.sparse.a=1\n", "9 path=xy", "3 \n", "9999999999999999999 path=x\n",
  ]) func badPaxRecordsAreErrors(records: String) throws {
    #expect(throws: FormatError.self) { try read(archive(withRecords: records)) }
  }

  @Test func tenThousandMutationsNeverTrap() throws {
    var mutator = Mutator(seed: 11)
    let samples = [try unzipped(TarFiles.pax), try unzipped(TarFiles.gnu)].map {
      Array($0.prefix(5632))
    }
    var refused = 0
    for round in 0..<10_000 {
      do { _ = try read(mutator.mutate(samples[round % 2]), step: 4096) } catch { refused += 1 }
    }
    #expect(refused > 5_000)
  }
}

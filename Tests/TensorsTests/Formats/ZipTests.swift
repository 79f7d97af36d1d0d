import Storage
import Tensors
import Testing

/// What `NPZTests` does not reach: archives that are no arrays.
@Suite struct ZipTests {
  private static let files = [
    ZipFile(name: "folder/", bytes: []), ZipFile(name: "folder/a.txt", bytes: Array("abc".utf8)),
  ]

  /// The archive of `files` with a number in its end record replaced.
  private static func archive(_ offset: Int, _ bytes: [UInt8]) throws -> [UInt8] {
    var archive = try ZipWriter.write(files)
    let end = archive.count - 22
    archive.replaceSubrange(end + offset..<end + offset + bytes.count, with: bytes)
    return archive
  }

  @Test func foldersAndFilesComeInTheirOrder() throws {
    #expect(try ZipReader.read(ZipWriter.write(Self.files), byteCountMax: 3) == Self.files)
    #expect(throws: FormatError.self) {
      try ZipReader.read(ZipWriter.write(Self.files), byteCountMax: 2)
    }
  }

  @Test func zip64IsRefusedByName() throws {
    // A count or a place of all ones says that the real one stands in a zip64 record.
    for (offset, bytes) in [(8, [0xFF, 0xFF, 0xFF, 0xFF]), (16, [0xFF, 0xFF, 0xFF, 0xFF])]
      as [(Int, [UInt8])]
    {
      let error = #expect(throws: FormatError.self) {
        try ZipReader.read(Self.archive(offset, bytes), byteCountMax: 100)
      }
      #expect(error?.detail.contains("zip64") == true)
    }
  }

  @Test func encryptedFilesAndUnknownMethodsAreRefusedByName() throws {
    let archive = try ZipWriter.write(Self.files)
    let record = try #require(
      archive.indices.last { archive[$0...].starts(with: [0x50, 0x4B, 1, 2]) }
    )
    for (offset, byte, expected) in [(8, 1, "encrypted"), (10, 9, "method 9")]
      as [(Int, UInt8, String)]
    {
      var changed = archive
      changed[record + offset] = byte
      let error = #expect(throws: FormatError.self) {
        try ZipReader.read(changed, byteCountMax: 100)
      }
      #expect(error?.detail.contains(expected) == true && error?.detail.contains("a.txt") == true)
    }
  }
}

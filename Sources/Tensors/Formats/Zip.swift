package import Storage

/// One file of a zip archive, inflated.
package struct ZipFile: Sendable, Equatable {
  /// The path in the archive; a folder's ends in `/`.
  package let name: String
  package let bytes: [UInt8]

  package init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}

/// Numbers of PKWARE's APPNOTE.TXT 6.3 that reader and writer share.
enum ZipLayout {
  static let localSignature: UInt32 = 0x0403_4b50
  static let centralSignature: UInt32 = 0x0201_4b50
  static let endSignature: UInt32 = 0x0605_4b50
  static let localByteCount = 30
  static let centralByteCount = 46
  static let endByteCount = 22
  /// Files in one archive.
  static let fileCountMax = 1 << 14
  static let methodStored = 0
  static let methodDeflated = 8
}

/// Reads archives without zip64, encryption or parts.
package enum ZipReader {
  /// Inflates every file, in all to at most `byteCountMax` bytes.
  ///
  /// The central directory at the end is what counts.
  ///
  /// - Throws: `FormatError` for damage, a wrong checksum or size, zip64, or a limit exceeded.
  package static func read(_ bytes: [UInt8], byteCountMax: Int) throws(FormatError) -> [ZipFile] {
    let end = try endRecord(bytes)
    let count = end.count
    var position = end.directory
    var files: [ZipFile] = []
    var names: Set<String> = []
    var total = 0
    for _ in 0..<count {
      let entry = try centralEntry(bytes, position)
      guard names.insert(entry.name).inserted else {
        throw FormatError("zip", at: position, "two files are named \(entry.name)")
      }
      guard entry.size <= byteCountMax - total else {
        throw FormatError(
          "zip",
          at: position,
          "the files inflate to more than \(byteCountMax) bytes"
        )
      }
      total += entry.size
      files.append(ZipFile(name: entry.name, bytes: try content(bytes, entry)))
      position += entry.recordByteCount
    }
    guard position == end.position else {
      throw FormatError("zip", at: position, "the directory does not end at its end record")
    }
    return files
  }

  private struct Entry {
    let name: String
    let method: Int
    let checksum: UInt32
    let compressedSize: Int
    let size: Int
    let header: Int
    let recordByteCount: Int
  }

  /// Looks for the end record from the back: a comment of at most 65535 bytes may follow it.
  private static func endRecord(
    _ bytes: [UInt8]
  ) throws(FormatError) -> (position: Int, directory: Int, count: Int) {
    let last = bytes.count - ZipLayout.endByteCount
    var position = last
    while position >= max(0, last - 0xFFFF) {
      if number32(bytes, position) == ZipLayout.endSignature,
        position + ZipLayout.endByteCount + number16(bytes, position + 20) == bytes.count
      {
        break
      }
      position -= 1
    }
    guard position >= max(0, last - 0xFFFF) else {
      throw FormatError("zip", at: bytes.count, "no end record: not a zip file, or cut short")
    }
    let count = number16(bytes, position + 10)
    let directory = Int(number32(bytes, position + 16))
    guard count != 0xFFFF, directory != 0xFFFF_FFFF else {
      throw FormatError("zip", at: position, "zip64 archives are not read")
    }
    guard number16(bytes, position + 4) == 0, number16(bytes, position + 8) == count else {
      throw FormatError("zip", at: position, "archives in several parts are not read")
    }
    guard count <= ZipLayout.fileCountMax, directory <= position else {
      throw FormatError("zip", at: position, "\(count) files with a directory at byte \(directory)")
    }
    return (position, directory, count)
  }

  private static func centralEntry(_ bytes: [UInt8], _ position: Int) throws(FormatError) -> Entry {
    guard bytes.count - position >= ZipLayout.centralByteCount,
      number32(bytes, position) == ZipLayout.centralSignature
    else { throw FormatError("zip", at: position, "expected a directory record") }
    let nameByteCount = number16(bytes, position + 28)
    let recordByteCount =
      ZipLayout.centralByteCount + nameByteCount + number16(bytes, position + 30)
      + number16(bytes, position + 32)
    guard bytes.count - position >= recordByteCount else {
      throw FormatError("zip", at: position, "a directory record is cut short")
    }
    let nameStart = position + ZipLayout.centralByteCount
    let nameBytes = bytes[nameStart..<nameStart + nameByteCount]
    guard let name = String(validating: nameBytes, as: UTF8.self) else {
      throw FormatError("zip", at: nameStart, "a file name is not UTF-8")
    }
    guard number16(bytes, position + 8) & 1 == 0 else {
      throw FormatError("zip", at: position, "file \(name) is encrypted")
    }
    return Entry(
      name: name,
      method: number16(bytes, position + 10),
      checksum: number32(bytes, position + 16),
      compressedSize: Int(number32(bytes, position + 20)),
      size: Int(number32(bytes, position + 24)),
      header: Int(number32(bytes, position + 42)),
      recordByteCount: recordByteCount
    )
  }

  private static func content(_ bytes: [UInt8], _ entry: Entry) throws(FormatError) -> [UInt8] {
    guard bytes.count - entry.header >= ZipLayout.localByteCount,
      number32(bytes, entry.header) == ZipLayout.localSignature
    else {
      throw FormatError("zip", at: entry.header, "file \(entry.name) has no local header here")
    }
    let start =
      entry.header + ZipLayout.localByteCount + number16(bytes, entry.header + 26)
      + number16(bytes, entry.header + 28)
    guard bytes.count - start >= entry.compressedSize else {
      throw FormatError("zip", at: start, "file \(entry.name) is cut short")
    }
    let packed = bytes[start..<start + entry.compressedSize]
    let content: [UInt8]
    switch entry.method {
    case ZipLayout.methodStored:
      content = Array(packed)
    case ZipLayout.methodDeflated:
      guard entry.size / Deflate.expansionMax <= entry.compressedSize else {
        throw FormatError(
          "zip",
          at: entry.header,
          "file \(entry.name) claims \(entry.size) bytes from \(entry.compressedSize)"
        )
      }
      content = try Deflate.inflate(packed, .raw, byteCountMax: entry.size)
    default:
      throw FormatError(
        "zip",
        at: entry.header,
        "file \(entry.name) uses compression method \(entry.method)"
      )
    }
    guard content.count == entry.size else {
      throw FormatError(
        "zip",
        at: entry.header,
        "file \(entry.name) has \(content.count) bytes, the directory says \(entry.size)"
      )
    }
    guard Deflate.crc32(content[...]) == entry.checksum else {
      throw FormatError("zip", at: entry.header, "file \(entry.name) has a wrong checksum")
    }
    return content
  }

  private static func number16(_ bytes: [UInt8], _ position: Int) -> Int {
    Int(bytes[position]) | Int(bytes[position + 1]) << 8
  }

  private static func number32(_ bytes: [UInt8], _ position: Int) -> UInt32 {
    UInt32(number16(bytes, position)) | UInt32(number16(bytes, position + 2)) << 16
  }
}

/// Writes archives of deflated files, all dated 1980-01-01, so that equal content gives equal bytes.
package enum ZipWriter {
  /// The archive of `files` in their order.
  ///
  /// - Throws: `FormatError` for a repeated name, too many files, or an archive of 4 GiB and more.
  package static func write(_ files: [ZipFile]) throws(FormatError) -> [UInt8] {
    guard files.count <= ZipLayout.fileCountMax else {
      throw FormatError("zip", "\(files.count) files; at most \(ZipLayout.fileCountMax)")
    }
    guard Set(files.map(\.name)).count == files.count else {
      throw FormatError("zip", "two files have the same name")
    }
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for file in files {
      let name = Array(file.name.utf8)
      guard name.count <= 0xFFFF else {
        throw FormatError("zip", "a file name has \(name.count) bytes; at most 65535")
      }
      let packed = try Deflate.deflate(file.bytes, .raw)
      var common: [UInt8] = []
      // Version 2.0, UTF-8 name, deflated, midnight, 1980-01-01.
      for number in [20, 0x0800, ZipLayout.methodDeflated, 0, 0x0021] { append16(&common, number) }
      append32(&common, Int(Deflate.crc32(file.bytes[...])))
      append32(&common, packed.count)
      append32(&common, file.bytes.count)
      append16(&common, name.count)
      append16(&common, 0)

      append32(&directory, Int(ZipLayout.centralSignature))
      append16(&directory, 20)
      directory += common
      // No comment, first part, no attributes.
      directory += [UInt8](repeating: 0, count: 10)
      append32(&directory, archive.count)
      directory += name

      append32(&archive, Int(ZipLayout.localSignature))
      archive += common + name
      archive += packed
    }
    guard archive.count + directory.count < 0xFFFF_FFFF else {
      throw FormatError("zip", "the archive takes 4 GiB or more, which needs zip64")
    }
    let start = archive.count
    archive += directory
    append32(&archive, Int(ZipLayout.endSignature))
    append32(&archive, 0)
    append16(&archive, files.count)
    append16(&archive, files.count)
    append32(&archive, directory.count)
    append32(&archive, start)
    append16(&archive, 0)
    return archive
  }

  private static func append16(_ bytes: inout [UInt8], _ value: Int) {
    bytes.append(UInt8(value & 0xFF))
    bytes.append(UInt8(value >> 8 & 0xFF))
  }

  private static func append32(_ bytes: inout [UInt8], _ value: Int) {
    append16(&bytes, value & 0xFFFF)
    append16(&bytes, value >> 16)
  }
}

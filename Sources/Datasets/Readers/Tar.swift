package import Storage

/// Reads a tar archive (ustar, pax, and the long names of GNU tar) from front to back.
///
/// Nothing is ever written to disk, and names are only names; still those that could lead out of a folder are refused, as are links and
/// devices: a reader downstream may be less careful.
package struct TarReader {
  /// A file or folder of the archive.
  package struct Entry: Equatable, Sendable {
    /// Relative, `/` between its parts, without `.` and `..` parts.
    package let name: String
    package let isFolder: Bool
    /// Bytes of the content.
    package let size: Int
  }

  /// Bytes of a name.
  package static let nameByteCountMax = 1024
  /// Bytes of the pax records or the long name of one entry.
  package static let recordsByteCountMax = 1 << 16
  /// Entries of an archive, records and folders included.
  package static let entryCountMax = 1 << 20

  private let stream: ByteStream
  private var entryCount = 0
  /// Bytes of the current entry's content that were not read, and of the padding behind it.
  private var unread = 0
  private var padding = 0
  private var isAtEnd = false

  package init(_ stream: ByteStream) { self.stream = stream }

  /// Goes to the next file or folder, over what is left of the present one; `nil` at the end of the archive.
  ///
  /// - Throws: `FormatError` for damage, links, devices, sparse files, or a name that is absolute, has `..` or is too long.
  package mutating func next() throws(FormatError) -> Entry? {
    var named = Records()
    while !isAtEnd {
      try finishContent()
      let start = stream.offset
      let block = try stream.take(TarHeader.byteCount)
      guard block.count == TarHeader.byteCount else {
        throw FormatError("tar", at: start, "the archive is cut short: no end mark")
      }
      if block.allSatisfy({ $0 == 0 }) {
        guard named.isEmpty else {
          throw FormatError("tar", at: start, "an extended header without an entry behind it")
        }
        try finishArchive()
        break
      }
      entryCount += 1
      guard entryCount <= Self.entryCountMax else {
        throw FormatError("tar", at: start, "more than \(Self.entryCountMax) entries")
      }
      let header = try TarHeader(block, at: start)
      setContent(header.size)
      switch header.type {
      case UInt8(ascii: "x"): try named.readPax(try records(header))
      case UInt8(ascii: "L"): try named.readLongName(try records(header))
      // What it says about all entries (a commit, times) names none of them.
      case UInt8(ascii: "g"): _ = try records(header)
      default: return try entry(header, named, at: start)
      }
    }
    return nil
  }

  /// The content of the entry that `next` answered, or what is left of it.
  ///
  /// - Throws: `FormatError` where it is more than `byteCountMax` bytes or the archive ends inside it.
  package mutating func content(byteCountMax: Int) throws(FormatError) -> [UInt8] {
    guard unread <= byteCountMax else {
      throw FormatError(
        "tar",
        at: stream.offset,
        "the entry has \(unread) bytes; at most \(byteCountMax) are read"
      )
    }
    let bytes = try stream.take(unread)
    guard bytes.count == unread else { throw cutShort() }
    unread = 0
    return bytes
  }

  private func entry(
    _ header: TarHeader,
    _ named: Records,
    at offset: Int
  ) throws(FormatError) -> Entry {
    guard let name = named.path ?? header.name else {
      throw FormatError("tar", at: offset, "the name of an entry is not UTF-8")
    }
    func refuse(_ detail: String) -> FormatError {
      FormatError("tar", at: offset, "entry '\(name.prefix(100))' \(detail)")
    }
    if let size = named.size, size != header.size {
      throw refuse("has \(size) bytes after its pax record, \(header.size) after its header")
    }
    var isFolder = name.utf8.last == UInt8(ascii: "/")
    switch header.type {
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): break
    case UInt8(ascii: "5"): isFolder = true
    case UInt8(ascii: "1"), UInt8(ascii: "2"): throw refuse("is a link; pack files themselves")
    case UInt8(ascii: "3"), UInt8(ascii: "4"), UInt8(ascii: "6"): throw refuse("is a device")
    default: throw refuse("has the unknown type \(header.type)")
    }
    guard !isFolder || header.size == 0 else { throw refuse("is a folder with content") }
    guard name.utf8.count <= Self.nameByteCountMax else {
      throw refuse("has a name of \(name.utf8.count) bytes; at most \(Self.nameByteCountMax)")
    }
    guard name.utf8.first != UInt8(ascii: "/") else { throw refuse("has an absolute name") }
    let parts = name.split(separator: "/").filter { $0 != "." }
    guard !parts.contains("..") else { throw refuse("has '..' in its name") }
    guard isFolder || !parts.isEmpty else { throw refuse("has no name") }
    return Entry(name: parts.joined(separator: "/"), isFolder: isFolder, size: header.size)
  }

  private mutating func records(_ header: TarHeader) throws(FormatError) -> [UInt8] {
    guard header.size <= Self.recordsByteCountMax else {
      throw FormatError(
        "tar",
        at: stream.offset,
        "an extended header of \(header.size) bytes; at most \(Self.recordsByteCountMax)"
      )
    }
    return try content(byteCountMax: Self.recordsByteCountMax)
  }

  private mutating func setContent(_ size: Int) {
    unread = size
    padding = (TarHeader.byteCount - size % TarHeader.byteCount) % TarHeader.byteCount
  }

  private mutating func finishContent() throws(FormatError) {
    let rest = unread + padding
    guard try stream.skip(rest) == rest else { throw cutShort() }
    unread = 0
    padding = 0
  }

  /// Reads on to the end of the stream, so that a checksum there is compared; only zeros may follow.
  private mutating func finishArchive() throws(FormatError) {
    isAtEnd = true
    while true {
      let piece = try stream.available()
      guard !piece.isEmpty else { return }
      guard piece.allSatisfy({ $0 == 0 }) else {
        throw FormatError("tar", at: stream.offset, "data after the end mark")
      }
      stream.skipAvailable(piece.count)
    }
  }

  private func cutShort() -> FormatError {
    FormatError("tar", at: stream.offset, "the archive is cut short inside an entry")
  }

  /// What extended headers say about the entry behind them.
  private struct Records {
    var path: String?
    var size: Int?
    var isEmpty = true

    /// The zero-terminated name of GNU tar.
    mutating func readLongName(_ bytes: [UInt8]) throws(FormatError) {
      isEmpty = false
      path = try Self.text(bytes.prefix { $0 != 0 })
    }

    /// Records `<length> <key>=<value>\n`; the length counts all of it.
    mutating func readPax(_ bytes: [UInt8]) throws(FormatError) {
      isEmpty = false
      var rest = bytes[...]
      while !rest.isEmpty {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard digits.count <= 6, let length = Int(String(decoding: digits, as: UTF8.self)),
          length <= rest.count, length > digits.count + 2,
          rest[digits.endIndex] == 0x20, rest[rest.startIndex + length - 1] == 0x0A
        else { throw FormatError("tar", "a pax record has a wrong length") }
        let record = rest[digits.endIndex + 1..<rest.startIndex + length - 1]
        rest = rest[(rest.startIndex + length)...]
        guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
          throw FormatError("tar", "a pax record has no '='")
        }
        let key = try Self.text(record[..<equals])
        let value = record[(equals + 1)...]
        if key == "path" { path = try Self.text(value) }
        if key == "size" {
          guard let number = Int(try Self.text(value)) else {
            throw FormatError("tar", "a pax record has a size that is no number")
          }
          size = number
        }
        guard !key.hasPrefix("GNU.sparse") else {
          throw FormatError("tar", "sparse files are not read; pack with plain tar")
        }
      }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> String {
      guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
        throw FormatError("tar", "an extended header is not UTF-8, or has a zero byte")
      }
      return text
    }
  }
}

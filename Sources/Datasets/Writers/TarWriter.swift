package import Storage

/// Writes tar archives (POSIX.1-1988 "ustar"; POSIX.1-2001 "pax" records for long names), all entries dated 1970-01-01, so that equal
/// files give equal bytes.
///
/// An archive is, for each file, its `header`, its bytes and `padding`, and at last `end`: it can be sent without ever being whole in
/// memory.
package enum TarWriter {
  /// Bytes of a file: what eleven octal digits can say.
  package static let fileByteCountMax = (1 << 33) - 1
  /// Bytes of a name that the header itself has room for.
  private static let shortNameByteCount = 100

  /// What marks the end of an archive: two blocks of zeros.
  package static let end = [UInt8](repeating: 0, count: 2 * TarHeader.byteCount)

  /// The archive of `files` in their order.
  ///
  /// - Throws: `FormatError` as `header`.
  package static func write(
    _ files: [(name: String, bytes: [UInt8])]
  ) throws(FormatError) -> [UInt8] {
    var archive: [UInt8] = []
    for file in files {
      archive += try header(file.name, byteCount: file.bytes.count)
      archive += file.bytes
      archive += padding(after: file.bytes.count)
    }
    return archive + end
  }

  /// What stands before a file's bytes.
  ///
  /// - Throws: `FormatError` for a name that is empty or too long, and a file of 8 GiB and more.
  package static func header(_ name: String, byteCount: Int) throws(FormatError) -> [UInt8] {
    let bytes = Array(name.utf8)
    guard (1...TarReader.nameByteCountMax).contains(bytes.count) else {
      throw FormatError(
        "tar",
        "'\(name.prefix(64))' has \(bytes.count) bytes; a name has 1 to \(TarReader.nameByteCountMax)"
      )
    }
    guard (0...fileByteCountMax).contains(byteCount) else {
      throw FormatError("tar", "\(name) has \(byteCount) bytes; at most \(fileByteCountMax)")
    }
    let block = block(bytes.prefix(shortNameByteCount), byteCount, type: "0")
    guard bytes.count > shortNameByteCount else { return block }
    let record = paxRecord("path", name)
    return Self.block("pax".utf8, record.count, type: "x") + record
      + padding(after: record.count) + block
  }

  /// The zeros behind so many bytes of content.
  package static func padding(after byteCount: Int) -> [UInt8] {
    let rest = byteCount % TarHeader.byteCount
    return [UInt8](repeating: 0, count: rest == 0 ? 0 : TarHeader.byteCount - rest)
  }

  /// `<length> <key>=<value>\n`, where the length counts its own digits.
  private static func paxRecord(_ key: String, _ value: String) -> [UInt8] {
    let body = " \(key)=\(value)\n".utf8
    var length = body.count
    while String(length).utf8.count + body.count != length {
      length = String(length).utf8.count + body.count
    }
    return Array(String(length).utf8) + body
  }

  private static func block(
    _ name: some Sequence<UInt8>,
    _ byteCount: Int,
    type: Character
  ) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: TarHeader.byteCount)
    func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
      for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
    }
    func octal(_ value: Int, digits: Int) -> [UInt8] {
      let text = String(value, radix: 8).utf8
      return [UInt8](repeating: 0x30, count: max(0, digits - text.count)) + text
    }
    put(name, at: 0)
    put(octal(0o644, digits: 7), at: 100)  // Mode, owner, group.
    put(octal(0, digits: 7), at: 108)
    put(octal(0, digits: 7), at: 116)
    put(octal(byteCount, digits: 11), at: 124)
    put(octal(0, digits: 11), at: 136)  // Time.
    put("        ".utf8, at: 148)  // The checksum counts itself as spaces.
    put(String(type).utf8, at: 156)
    put("ustar\u{0}00".utf8, at: 257)
    put(octal(block.reduce(0) { $0 + Int($1) }, digits: 6) + [0, 0x20], at: 148)
    return block
  }
}

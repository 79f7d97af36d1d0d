package import Storage

/// Writes tar archives of files (ustar; pax records where a name is long), all dated 1970-01-01, so that equal files give equal bytes.
package enum TarWriter {
  /// The archive of `files` in their order.
  ///
  /// - Throws: `FormatError` for an empty or too long name, or a file of 8 GiB and more.
  package static func write(
    _ files: [(name: String, bytes: [UInt8])]
  ) throws(FormatError) -> [UInt8] {
    var archive: [UInt8] = []
    for file in files {
      let name = Array(file.name.utf8)
      guard (1...TarReader.nameByteCountMax).contains(name.count) else {
        throw FormatError(
          "tar",
          "a name of \(name.count) bytes; 1 to \(TarReader.nameByteCountMax) are written"
        )
      }
      guard file.bytes.count < 1 << 33 else {
        throw FormatError("tar", "\(file.name) has \(file.bytes.count) bytes; less than 8 GiB")
      }
      if name.count > 100 {
        let record = paxRecord("path", file.name)
        append(header(Array("pax".utf8), size: record.count, type: "x"), record, to: &archive)
      }
      append(
        header(Array(name.prefix(100)), size: file.bytes.count, type: "0"),
        file.bytes,
        to: &archive
      )
    }
    return archive + [UInt8](repeating: 0, count: 2 * TarHeader.byteCount)
  }

  private static func append(_ header: [UInt8], _ content: [UInt8], to archive: inout [UInt8]) {
    archive += header
    archive += content
    let rest = content.count % TarHeader.byteCount
    if rest > 0 { archive += [UInt8](repeating: 0, count: TarHeader.byteCount - rest) }
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

  private static func header(_ name: [UInt8], size: Int, type: Character) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: TarHeader.byteCount)
    func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
      for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
    }
    func octal(_ value: Int, digits: Int) -> [UInt8] {
      let text = String(value, radix: 8).utf8
      return [UInt8](repeating: 0x30, count: max(0, digits - text.count)) + text
    }
    put(name, at: 0)
    put(octal(0o644, digits: 7), at: 100)
    put(octal(0, digits: 7), at: 108)
    put(octal(0, digits: 7), at: 116)
    put(octal(size, digits: 11), at: 124)
    put(octal(0, digits: 11), at: 136)
    put("        ".utf8, at: 148)
    put(String(type).utf8, at: 156)
    put("ustar\u{0}00".utf8, at: 257)
    put(octal(block.reduce(0) { $0 + Int($1) }, digits: 6) + [0, 0x20], at: 148)
    return block
  }
}

import Storage

/// One 512-byte header block of a tar archive (POSIX.1-1988 "ustar"; pax: POSIX.1-2001).
struct TarHeader {
  static let byteCount = 512

  /// The name with its prefix, as the block has it; `nil` where it is not UTF-8, as when it was cut to fit beside a pax record.
  let name: String?
  /// Bytes of the content.
  let size: Int
  /// The type flag: `0` a file, `5` a folder, `x` and `g` pax records, `L` a long name of GNU tar, ...
  let type: UInt8

  /// Reads a block that is not all zeros; `offset` is where it starts in the archive.
  ///
  /// - Throws: `FormatError` for a wrong checksum, or a number that is not octal.
  init(_ block: [UInt8], at offset: Int) throws(FormatError) {
    let sum = try Self.octal(block[148..<156], "checksum", offset + 148)
    var expected = 0
    for (index, byte) in block.enumerated() {
      expected += (148..<156).contains(index) ? 0x20 : Int(byte)
    }
    guard sum == expected else {
      throw FormatError(
        "tar",
        at: offset,
        "the header has checksum \(sum), its bytes add up to \(expected)"
      )
    }
    size = try Self.octal(block[124..<136], "size", offset + 124)
    type = block[156]
    let short = Self.text(block[0..<100])
    // The old format of GNU tar ("ustar  ") has other fields where POSIX has the prefix.
    let isPOSIX = block[257..<263].elementsEqual("ustar\0".utf8)
    let prefix = isPOSIX ? Self.text(block[345..<500]) : ""
    if let short, let prefix {
      name = prefix.isEmpty ? short : "\(prefix)/\(short)"
    } else {
      name = nil
    }
  }

  /// A number as octal digits with spaces before and a space or zero byte behind.
  private static func octal(
    _ field: ArraySlice<UInt8>,
    _ name: String,
    _ offset: Int
  ) throws(FormatError) -> Int {
    let digits = field.drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
    let rest = field[digits.endIndex...]
    guard !digits.isEmpty, rest.allSatisfy({ $0 == 0 || $0 == 0x20 }) else {
      throw FormatError("tar", at: offset, "the \(name) of a header is no octal number")
    }
    // 12 digits of 3 bits do not overflow.
    return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
  }

  private static func text(_ field: ArraySlice<UInt8>) -> String? {
    String(validating: field.prefix { $0 != 0 }, as: UTF8.self)
  }
}

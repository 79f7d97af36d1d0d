import Storage

/// A marker with the segment that it heads (T.81, B.1.1).
struct JPEGSegment {
  /// Codes of markers, the byte after 0xFF.
  enum Marker {
    static let startOfImage: UInt8 = 0xD8
    static let endOfImage: UInt8 = 0xD9
    static let startOfScan: UInt8 = 0xDA
    static let quantizationTables: UInt8 = 0xDB
    static let lineCount: UInt8 = 0xDC
    static let huffmanTables: UInt8 = 0xC4
    static let arithmeticConditions: UInt8 = 0xCC
    static let restartInterval: UInt8 = 0xDD
    static let hierarchy: ClosedRange<UInt8> = 0xDE...0xDF
    static let frames: ClosedRange<UInt8> = 0xC0...0xCF
    static let restarts: ClosedRange<UInt8> = 0xD0...0xD7
    static let application0: UInt8 = 0xE0
    static let application1: UInt8 = 0xE1
    static let application14: UInt8 = 0xEE
    /// TEM: has no meaning and no body.
    static let temporary: UInt8 = 0x01
  }

  let marker: UInt8
  /// Where the marker starts.
  let offset: Int
  /// What follows the length; empty for markers without a segment.
  let body: Range<Int>

  /// Reads the marker at `offset`, over fill bytes in front of it, and the length of its segment.
  ///
  /// - Throws: `FormatError` where no marker stands there, or its segment exceeds the file.
  init(_ bytes: [UInt8], at offset: Int) throws(FormatError) {
    var position = offset
    while position < bytes.count, bytes[position] == 0xFF { position += 1 }
    guard position < bytes.count else {
      throw FormatError("jpeg", at: bytes.count, "the file ends before its end marker: cut short")
    }
    marker = bytes[position]
    self.offset = offset
    guard position > offset, marker != 0 else {
      throw FormatError(
        "jpeg",
        at: offset,
        "expected a marker, which starts with 255, got the byte \(bytes[offset])"
      )
    }
    let start = position + 1
    guard !JPEGSegment.isAlone(marker) else {
      body = start..<start
      return
    }
    guard bytes.count - start >= 2 else {
      throw FormatError("jpeg", at: offset, "the file is cut short inside a segment")
    }
    let count = JPEGSegment.number16(bytes, start)
    guard count >= 2, count <= bytes.count - start else {
      throw FormatError(
        "jpeg",
        at: offset,
        "a segment of \(count) bytes where \(bytes.count - start) are left"
      )
    }
    body = start + 2..<start + count
  }

  /// Whether neither length nor body follow a marker.
  static func isAlone(_ marker: UInt8) -> Bool {
    marker == Marker.startOfImage || marker == Marker.endOfImage || marker == Marker.temporary
      || Marker.restarts.contains(marker)
  }

  /// A big-endian number of two bytes, which must be there.
  static func number16(_ bytes: [UInt8], _ position: Int) -> Int {
    Int(bytes[position]) << 8 | Int(bytes[position + 1])
  }

  /// An error at this segment.
  func error(_ detail: String) -> FormatError { FormatError("jpeg", at: offset, detail) }
}

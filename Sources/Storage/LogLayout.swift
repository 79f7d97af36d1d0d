/// The bytes of an append-only log.
///
/// A file is a header of 16 bytes (`martlet log\n` and the format's number) and then records, each
/// `byte count: UInt32 | checksum: 8 bytes | bytes`, little-endian. The checksum is the start of the
/// SHA-256 of the record's index (UInt64), its byte count (UInt32) and its bytes, so that neither a
/// torn record nor one that stands in the wrong place is taken for whole.
package enum LogLayout {
  /// What stands before the first record.
  package static let header = Array("martlet log\n".utf8) + littleEndian(UInt32(1))

  /// Bytes before each record's own.
  package static let recordOverheadByteCount = 12

  private static let checksumByteCount = 8

  /// What a walk through a file's bytes found.
  package struct Scan: Equatable {
    /// Where each whole record starts, in bytes from the start of the file.
    package var offsets: [Int] = []
    /// Where the last whole record ends; what follows is to be cut off.
    package var end = 0
    /// Why the walk stopped before the end of the file, nil where it did not.
    package var damage: String?
  }

  /// One record as it stands in a file.
  package static func record(_ bytes: [UInt8], index: Int) -> [UInt8] {
    littleEndian(UInt32(truncatingIfNeeded: bytes.count)) + checksum(bytes[...], index) + bytes
  }

  /// The bytes of a record whose header starts at the slice's start, nil where it is torn or damaged.
  package static func content(of slice: ArraySlice<UInt8>, index: Int) -> ArraySlice<UInt8>? {
    guard let count = byteCount(of: slice), slice.count - recordOverheadByteCount >= count else {
      return nil
    }
    let start = slice.startIndex + recordOverheadByteCount
    let bytes = slice[start..<start + count]
    let stored = slice[start - checksumByteCount..<start]
    return stored.elementsEqual(checksum(bytes, index)) ? bytes : nil
  }

  /// Walks through the records of a file until its end or the first that is not whole.
  ///
  /// A file that is shorter than its header, or all zeros, was torn while it was made: it counts as empty.
  ///
  /// - Throws: `FormatError` where the file is something else, which must not be overwritten.
  package static func scan(
    _ file: [UInt8],
    recordByteCountMax: Int
  ) throws(FormatError) -> Scan {
    guard file.starts(with: header) else {
      guard header.starts(with: file) || file.allSatisfy({ $0 == 0 }) else {
        throw FormatError("log", at: 0, "this is no log of format 1")
      }
      return Scan(damage: file.isEmpty ? nil : "the header is torn")
    }
    var scan = Scan(end: header.count)
    while scan.end < file.count {
      let rest = file[scan.end...]
      guard let count = byteCount(of: rest) else {
        scan.damage = "record \(scan.offsets.count) is torn in its header"
        break
      }
      guard count <= recordByteCountMax else {
        scan.damage =
          "record \(scan.offsets.count) claims \(count) bytes; at most \(recordByteCountMax) are written"
        break
      }
      guard content(of: rest, index: scan.offsets.count) != nil else {
        scan.damage = "record \(scan.offsets.count) of \(count) bytes is torn or damaged"
        break
      }
      scan.offsets.append(scan.end)
      scan.end += recordOverheadByteCount + count
    }
    return scan
  }

  private static func byteCount(of slice: ArraySlice<UInt8>) -> Int? {
    guard slice.count >= recordOverheadByteCount else { return nil }
    return slice.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>, _ index: Int) -> ArraySlice<UInt8> {
    var hash = SHA256()
    hash.update(littleEndian(UInt64(truncatingIfNeeded: index)))
    hash.update(littleEndian(UInt32(truncatingIfNeeded: bytes.count)))
    bytes.withUnsafeBytes { hash.update($0) }
    return hash.finalize().prefix(checksumByteCount)
  }

  private static func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}

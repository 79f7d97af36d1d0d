package import Storage
import Glibc

/// Reads a source through one buffer: looks ahead, takes lines, whole pieces or the rest.
package final class ByteStream {
  /// Bytes of the buffer; it grows for a longer line only.
  package static let bufferByteCount = 1 << 18

  private let source: any ByteSource
  private var buffer: UnsafeMutableRawBufferPointer
  /// Where the bytes that were not taken yet start and end in the buffer.
  private var start = 0
  private var end = 0
  private var sourceHasEnded = false
  /// Bytes taken so far.
  package private(set) var offset = 0

  package init(_ source: any ByteSource) {
    self.source = source
    buffer = .allocate(byteCount: Self.bufferByteCount, alignment: 64)
  }

  deinit { buffer.deallocate() }

  /// The next bytes without taking them: `count`, or fewer at the end; valid until the next call.
  ///
  /// - Precondition: `count <= bufferByteCount`.
  package func peek(_ count: Int) throws(FormatError) -> UnsafeRawBufferPointer {
    precondition(count <= Self.bufferByteCount, "cannot look ahead \(count) bytes")
    while end - start < count, try fill() {}
    return held(min(count, end - start))
  }

  /// Whatever is at hand, at least one byte except at the end; valid until the next call.
  func available() throws(FormatError) -> UnsafeRawBufferPointer {
    if start == end { _ = try fill() }
    return held(end - start)
  }

  /// Takes bytes that `available` or `peek` showed.
  func skipAvailable(_ count: Int) {
    precondition(count <= end - start, "skip of \(count) beyond \(end - start)")
    start += count
    offset += count
  }

  /// Takes a line without its line end (LF or CR LF); valid until the next call.
  ///
  /// Returns `nil` at the end; the last line may lack its line end.
  ///
  /// - Throws: `FormatError` for a line of more than `byteCountMax` bytes.
  package func nextLine(byteCountMax: Int) throws(FormatError) -> UnsafeRawBufferPointer? {
    var searched = 0
    while true {
      let candidates = held(end - start)
      if let base = candidates.baseAddress, candidates.count > searched,
        let found = memchr(base + searched, 0x0A, candidates.count - searched)
      {
        let count = UnsafeRawPointer(found) - base
        let line = try checkedLine(count, byteCountMax)
        skipAvailable(count + 1)
        return line
      }
      searched = candidates.count
      guard searched <= byteCountMax else { throw tooLong(byteCountMax) }
      guard try fill() else {
        guard searched > 0 else { return nil }
        let line = try checkedLine(searched, byteCountMax)
        skipAvailable(searched)
        return line
      }
    }
  }

  private func checkedLine(
    _ count: Int,
    _ byteCountMax: Int
  ) throws(FormatError) -> UnsafeRawBufferPointer {
    guard count <= byteCountMax else { throw tooLong(byteCountMax) }
    let line = held(count)
    return line.last == 0x0D ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
  }

  private func tooLong(_ byteCountMax: Int) -> FormatError {
    FormatError("text", at: offset, "a line has more than \(byteCountMax) bytes")
  }

  /// Takes the next `count` bytes, or fewer at the end.
  package func take(_ count: Int) throws(FormatError) -> [UInt8] {
    var bytes: [UInt8] = []
    // What the source claims to hold may not be there: memory is taken as the bytes come.
    bytes.reserveCapacity(min(count, Self.bufferByteCount))
    while bytes.count < count {
      let piece = try available()
      guard !piece.isEmpty else { break }
      let taken = min(piece.count, count - bytes.count)
      bytes.append(contentsOf: piece.prefix(taken))
      skipAvailable(taken)
    }
    return bytes
  }

  /// Takes everything up to the end.
  ///
  /// - Throws: `FormatError` where that is more than `byteCountMax` bytes.
  package func takeRest(byteCountMax: Int) throws(FormatError) -> [UInt8] {
    let bytes = try take(byteCountMax)
    guard try available().isEmpty else {
      throw FormatError("file", at: offset, "more than \(byteCountMax) bytes; that is the limit")
    }
    return bytes
  }

  /// Takes and drops the next `count` bytes; answers how many there were.
  func skip(_ count: Int) throws(FormatError) -> Int {
    var skipped = 0
    while skipped < count {
      let piece = try available().count
      guard piece > 0 else { break }
      let taken = min(piece, count - skipped)
      skipAvailable(taken)
      skipped += taken
    }
    return skipped
  }

  private func held(_ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: buffer[start..<start + count])
  }

  /// Reads more behind the bytes that are held; answers false at the end.
  private func fill() throws(FormatError) -> Bool {
    if sourceHasEnded { return false }
    if start > 0 {
      buffer.copyMemory(from: held(end - start))
      end -= start
      start = 0
    }
    if end == buffer.count { grow() }
    let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
    end += count
    sourceHasEnded = count == 0
    return count > 0
  }

  private func grow() {
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 64)
    larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
    buffer.deallocate()
    buffer = larger
  }
}

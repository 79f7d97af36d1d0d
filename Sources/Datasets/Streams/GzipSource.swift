package import Storage
import CZlib

/// What a gzip file (RFC 1952) inflates to, piece by piece; several members in a row are read as one.
package final class GzipSource: ByteSource {
  private let compressed: ByteStream
  private let byteCountMax: Int
  /// zlib keeps the address of its state, so it must not move.
  private let state: UnsafeMutablePointer<z_stream>
  private var inflatedCount = 0
  private var isAtEnd = false
  /// False between the members of the file.
  private var isInsideMember = true

  /// Inflates `compressed` to at most `byteCountMax` bytes.
  ///
  /// - Throws: `FormatError` where zlib does not start.
  package init(_ compressed: ByteStream, byteCountMax: Int) throws(FormatError) {
    self.compressed = compressed
    self.byteCountMax = byteCountMax
    state = .allocate(capacity: 1)
    state.initialize(to: z_stream())
    // 15 bits of window, and 16 for the gzip wrapping.
    let status = inflateInit2_(state, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw FormatError("gzip", "zlib does not start: \(status)") }
  }

  deinit {
    // Harmless where zlib did not start: its state is null then.
    inflateEnd(state)
    state.deallocate()
  }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
    let room = min(buffer.count, 1 << 30)
    state.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    state.pointee.avail_out = UInt32(room)
    while !isAtEnd, state.pointee.avail_out == UInt32(room) { try step() }
    let count = room - Int(state.pointee.avail_out)
    inflatedCount += count
    guard inflatedCount <= byteCountMax else {
      throw FormatError(
        "gzip",
        at: compressed.offset,
        "the inflated data exceed the limit of \(byteCountMax) bytes"
      )
    }
    return count
  }

  /// Gives zlib the bytes at hand, once.
  private func step() throws(FormatError) {
    let input = try compressed.available()
    guard !input.isEmpty else {
      guard !isInsideMember else {
        throw FormatError("gzip", at: compressed.offset, "the compressed data are cut short")
      }
      isAtEnd = true
      return
    }
    isInsideMember = true
    let given = min(input.count, 1 << 30)
    // zlib does not write through `next_in`; its C type lacks the const.
    state.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    )
    state.pointee.avail_in = UInt32(given)
    let status = inflate(state, Z_NO_FLUSH)
    compressed.skipAvailable(given - Int(state.pointee.avail_in))
    if status == Z_STREAM_END, inflateReset(state) == Z_OK {
      isInsideMember = false
    } else if status != Z_OK {
      let reason = state.pointee.msg.map { String(cString: $0) } ?? "zlib error \(status)"
      throw FormatError("gzip", at: compressed.offset, reason)
    }
  }
}

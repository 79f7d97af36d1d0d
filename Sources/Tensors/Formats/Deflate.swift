import CZlib
package import Storage

/// The deflate compression (RFC 1951) and its two wrappings, through zlib.
package enum Deflate {
  /// What surrounds the compressed data.
  package enum Container: Sendable {
    /// Nothing: zip entries.
    case raw
    /// RFC 1950: PNG.
    case zlib
    /// RFC 1952: `.gz` files. Several members in a row are read as one.
    case gzip

    fileprivate var windowBits: Int32 {
      switch self {
      case .raw: -15
      case .zlib: 15
      case .gzip: 31
      }
    }

    fileprivate var name: String {
      switch self {
      case .raw: "deflate"
      case .zlib: "zlib"
      case .gzip: "gzip"
      }
    }
  }

  /// No stream of deflate grows more than this when it is inflated (a run of 258 bytes takes at least two bits).
  package static let expansionMax = 1032

  /// Inflates all of `input`.
  ///
  /// Memory is taken as the data comes, so a small bad file never costs much. The result has at most `byteCountMax` bytes.
  ///
  /// - Throws: `FormatError` for damaged or cut data, data after its end, or a result above the limit.
  package static func inflate(
    _ input: ArraySlice<UInt8>,
    _ container: Container,
    byteCountMax: Int
  ) throws(FormatError) -> [UInt8] {
    let format = container.name
    guard input.count <= Int(UInt32.max) else {
      throw FormatError(format, "\(input.count) compressed bytes; at most 4 GiB are read")
    }
    var stream = z_stream()
    guard
      inflateInit2_(
        &stream,
        container.windowBits,
        ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size)
      ) == Z_OK
    else { throw FormatError(format, "zlib does not start") }
    defer { inflateEnd(&stream) }

    var output: [UInt8] = []
    // One byte above the limit shows that there is more.
    var capacity = min(
      max(input.count, 512) * 4,
      byteCountMax.addingReportingOverflow(1).partialValue
    )
    var problem: FormatError?
    input.withUnsafeBytes { source in
      // zlib does not write through `next_in`; its C type lacks the const.
      stream.next_in = UnsafeMutablePointer(
        mutating: source.bindMemory(to: UInt8.self).baseAddress
      )
      stream.avail_in = UInt32(source.count)
      while problem == nil {
        let status = step(&stream, &output, capacity: capacity)
        let offset = source.count - Int(stream.avail_in)
        if output.count > byteCountMax {
          problem = FormatError(
            format,
            at: offset,
            "the inflated data exceed the limit of \(byteCountMax) bytes"
          )
        } else if status == Z_STREAM_END {
          if stream.avail_in == 0 { return }
          if container == .gzip, inflateReset(&stream) == Z_OK { continue }
          problem = FormatError(format, at: offset, "\(stream.avail_in) bytes after the end")
        } else if status == Z_OK, stream.avail_out == 0 {
          capacity = min(capacity * 2, byteCountMax + 1)
        } else if status == Z_BUF_ERROR || status == Z_OK {
          problem = FormatError(format, at: offset, "the compressed data are cut short")
        } else {
          let reason = stream.msg.map { String(cString: $0) } ?? "zlib error \(status)"
          problem = FormatError(format, at: offset, reason)
        }
      }
    }
    if let problem { throw problem }
    return output
  }

  /// Inflates into the space between the bytes already there and `capacity`.
  private static func step(
    _ stream: inout z_stream,
    _ output: inout [UInt8],
    capacity: Int
  ) -> Int32 {
    var status = Z_BUF_ERROR
    let room = min(max(capacity - output.count, 1), 1 << 30)
    let piece = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      stream.next_out = buffer.baseAddress
      stream.avail_out = UInt32(room)
      status = CZlib.inflate(&stream, Z_NO_FLUSH)
      count = room - Int(stream.avail_out)
    }
    if output.isEmpty { output = piece } else { output.append(contentsOf: piece) }
    return status
  }

  /// Compresses at zlib's level 6.
  ///
  /// The same bytes always give the same result with the same zlib.
  ///
  /// - Throws: `FormatError` where there are 4 GiB or more.
  package static func deflate(
    _ input: [UInt8],
    _ container: Container
  ) throws(FormatError) -> [UInt8] {
    guard input.count < Int(UInt32.max) else {
      throw FormatError(container.name, "\(input.count) bytes; less than 4 GiB can be compressed")
    }
    var stream = z_stream()
    guard
      deflateInit2_(
        &stream,
        6,
        Z_DEFLATED,
        container.windowBits,
        8,
        Z_DEFAULT_STRATEGY,
        ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size)
      ) == Z_OK
    else { throw FormatError(container.name, "zlib does not start") }
    defer { deflateEnd(&stream) }
    let bound = Int(deflateBound(&stream, UInt(input.count)))
    var status = Z_OK
    let output = input.withUnsafeBytes { source in
      [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
        stream.next_in = UnsafeMutablePointer(
          mutating: source.bindMemory(to: UInt8.self).baseAddress
        )
        stream.avail_in = UInt32(source.count)
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(clamping: bound)
        status = CZlib.deflate(&stream, Z_FINISH)
        count = min(bound, Int(UInt32(clamping: bound))) - Int(stream.avail_out)
      }
    }
    guard status == Z_STREAM_END else {
      throw FormatError(container.name, "zlib ends with status \(status)")
    }
    return output
  }

  /// The checksum of zip and PNG (CRC-32, polynomial 0xEDB88320).
  package static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBytes { source in
      UInt32(
        truncatingIfNeeded: crc32_z(0, source.bindMemory(to: UInt8.self).baseAddress, source.count)
      )
    }
  }
}

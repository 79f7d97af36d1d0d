package import Storage

/// Decodes pictures of every format that is read, which their first bytes tell.
package enum ImageDecoder {
  /// The formats, for messages.
  package static let formats = "PNG or JPEG"
  /// Endings of their files' names, in lower case.
  package static let endings = [".png", ".jpg", ".jpeg"]
  /// Segments of a JPEG file that are looked at for its size; files have about ten.
  private static let segmentCountMax = 1 << 12

  /// Decodes a picture.
  ///
  /// - Throws: `FormatError` for other formats, and as `PNG.decode` and `JPEG.decode`.
  package static func decode(_ bytes: [UInt8]) throws(FormatError) -> Image {
    if bytes.starts(with: PNG.signature) { return try PNG.decode(bytes) }
    if bytes.starts(with: JPEG.signature) { return try JPEG.decode(bytes) }
    throw FormatError("image", at: 0, "the file does not start as \(formats) does")
  }

  /// Whether bytes start as a picture does.
  package static func isPicture(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.starts(with: PNG.signature) || bytes.starts(with: JPEG.signature)
  }

  /// The number of pixels that a file claims to have, without decoding it; 0 where it claims none.
  package static func pixelCount(_ bytes: UnsafeRawBufferPointer) -> Int {
    if bytes.starts(with: PNG.signature) {
      // Width and height stand behind signature, length and type of the first chunk.
      guard bytes.count >= 24 else { return 0 }
      func number(_ start: Int) -> Int { bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
      return number(16).multipliedReportingOverflow(by: number(20)).partialValue
    }
    return bytes.starts(with: JPEG.signature) ? pixelCountOfJPEG(bytes) : 0
  }

  /// Goes from segment to segment up to the frame header.
  private static func pixelCountOfJPEG(_ bytes: UnsafeRawBufferPointer) -> Int {
    func number(_ start: Int) -> Int { Int(bytes[start]) << 8 | Int(bytes[start + 1]) }
    var position = 2
    for _ in 0..<segmentCountMax {
      while position < bytes.count, bytes[position] == 0xFF { position += 1 }
      guard bytes.count - position >= 8, bytes[position - 1] == 0xFF else { return 0 }
      let marker = bytes[position]
      if JPEGSegment.Marker.frames.contains(marker),
        marker != JPEGSegment.Marker.huffmanTables,
        marker != JPEGSegment.Marker.arithmeticConditions
      {
        // Behind length and precision.
        return number(position + 4) * number(position + 6)
      }
      position += 1
      guard !JPEGSegment.isAlone(marker) else { continue }
      position += number(position)
    }
    return Int.max
  }
}

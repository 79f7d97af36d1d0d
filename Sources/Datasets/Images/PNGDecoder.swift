package import Storage

/// Portable Network Graphics: decoder and encoder (PNG specification, third edition; ISO/IEC 15948).
package enum PNG {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Decodes a picture to 8 bits a sample.
  ///
  /// Grey, RGB and palette at every depth, with or without alpha, interlaced or not. A palette becomes RGB; transparency given
  /// by a tRNS chunk becomes an alpha channel; of 16 bits the upper 8 stay.
  ///
  /// - Throws: `FormatError` for damage, a wrong checksum, or sizes above the limits of `Image`.
  package static func decode(_ bytes: [UInt8]) throws(FormatError) -> Image {
    guard bytes.starts(with: signature) else {
      throw FormatError("png", at: 0, "the file does not start with the PNG signature")
    }
    var chunk = try PNGChunk(bytes, at: signature.count)
    let header = try PNGHeader(chunk, in: bytes)
    var palette: Range<Int>?
    var transparency: Range<Int>?
    var data: [UInt8] = []
    var isDataOpen = true
    while true {
      chunk = try PNGChunk(bytes, at: chunk.end)
      func refuse(_ detail: String) -> FormatError { FormatError("png", at: chunk.offset, detail) }
      switch chunk.type {
      case "IDAT":
        guard isDataOpen else { throw refuse("IDAT chunks do not stand together") }
        data += bytes[chunk.body]
        continue
      case "IEND":
        guard chunk.end == bytes.count else {
          throw refuse("\(bytes.count - chunk.end) bytes after the IEND chunk")
        }
        let pixels = PNGPixels(
          bytes: bytes,
          header: header,
          palette: palette,
          transparency: transparency
        )
        return try pixels.image(from: data)
      case "PLTE":
        guard palette == nil, data.isEmpty, chunk.body.count % 3 == 0,
          (1...256).contains(chunk.body.count / 3)
        else { throw refuse("a palette of \(chunk.body.count) bytes, or out of place") }
        palette = chunk.body
      case "tRNS":
        guard transparency == nil, data.isEmpty else { throw refuse("tRNS out of place") }
        transparency = chunk.body
      default:
        guard !chunk.isCritical else { throw refuse("unknown critical chunk \(chunk.type)") }
      }
      if !data.isEmpty { isDataOpen = false }
    }
  }
}

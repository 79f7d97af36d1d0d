import Storage
import Tensors

/// Turns the picture data of a PNG into samples.
struct PNGPixels {
  let bytes: [UInt8]
  let header: PNGHeader
  let palette: Range<Int>?
  let transparency: Range<Int>?

  /// Inflates, undoes the filters and spreads the samples.
  func image(from data: [UInt8]) throws(FormatError) -> Image {
    try checkChunks()
    let expected = header.inflatedByteCount
    // A stream this short cannot hold the picture: refused before memory is taken for it.
    guard expected / Deflate.expansionMax <= data.count else {
      throw FormatError(
        "png",
        "\(data.count) bytes of picture data cannot hold \(header.width) x \(header.height)"
      )
    }
    var inflated = try Deflate.inflate(data[...], .zlib, byteCountMax: expected)
    guard inflated.count == expected else {
      throw FormatError(
        "png",
        "the picture data inflate to \(inflated.count) bytes, expected \(expected)"
      )
    }
    let channels = channelCount
    var pixels = [UInt8](repeating: 0, count: header.width * header.height * channels)
    var start = 0
    for pass in header.passes {
      let rowByteCount = header.rowByteCount(pass.width)
      var above: Int?
      for y in 0..<pass.height {
        guard let filter = PNGFilter(rawValue: inflated[start]) else {
          throw FormatError("png", "row \(y) has filter type \(inflated[start])")
        }
        let row = start + 1
        inflated.withUnsafeMutableBufferPointer { buffer in
          filter.undo(
            buffer,
            row: row,
            count: rowByteCount,
            above: above,
            step: header.pixelByteCount
          )
        }
        for x in 0..<pass.width {
          let position =
            (pass.top + y * pass.stepY) * header.width + pass.left + x * pass.stepX
          try spread(inflated, row, x, to: &pixels, position * channels)
        }
        above = row
        start = row + rowByteCount
      }
    }
    return try Image(
      width: header.width,
      height: header.height,
      channels: channels,
      pixels: pixels
    )
  }

  private var channelCount: Int {
    let colours =
      switch header.colour {
      case .palette: 3
      default: header.colour.sampleCount
      }
    return colours + (transparency == nil ? 0 : 1)
  }

  /// A palette picture has a palette; a colour key has the size that its colour type asks for.
  private func checkChunks() throws(FormatError) {
    if header.colour == .palette, palette == nil {
      throw FormatError("png", "a palette picture without a palette")
    }
    guard let transparency else { return }
    let isFit =
      switch header.colour {
      case .grey: transparency.count == 2
      case .rgb: transparency.count == 6
      case .palette: transparency.count <= (palette?.count ?? 0) / 3
      case .greyAlpha, .rgbAlpha: false
      }
    guard isFit else {
      throw FormatError(
        "png",
        at: transparency.lowerBound,
        "tRNS of \(transparency.count) bytes with colour type \(header.colour.rawValue)"
      )
    }
  }

  /// Writes the samples of one pixel.
  private func spread(
    _ data: [UInt8],
    _ row: Int,
    _ x: Int,
    to pixels: inout [UInt8],
    _ target: Int
  ) throws(FormatError) {
    if header.colour == .palette {
      let index = sample(data, row, x)
      guard let palette, index * 3 < palette.count else {
        throw FormatError("png", "palette entry \(index) of \((palette?.count ?? 0) / 3)")
      }
      for channel in 0..<3 {
        pixels[target + channel] = bytes[palette.lowerBound + index * 3 + channel]
      }
      if let transparency {
        pixels[target + 3] =
          index < transparency.count ? bytes[transparency.lowerBound + index] : 255
      }
      return
    }
    let count = header.colour.sampleCount
    var isKey = transparency != nil
    for channel in 0..<count {
      let value = sample(data, row, x * count + channel)
      pixels[target + channel] = scaled(value)
      if let transparency, isKey {
        let start = transparency.lowerBound + 2 * channel
        isKey = value == Int(bytes[start]) << 8 | Int(bytes[start + 1])
      }
    }
    if transparency != nil { pixels[target + count] = isKey ? 0 : 255 }
  }

  /// The sample of that position in its row, at the depth of the file.
  private func sample(_ data: [UInt8], _ row: Int, _ index: Int) -> Int {
    switch header.depth {
    case 8: return Int(data[row + index])
    case 16: return Int(data[row + 2 * index]) << 8 | Int(data[row + 2 * index + 1])
    default:
      let perByte = 8 / header.depth
      let shift = 8 - header.depth * (index % perByte + 1)
      return Int(data[row + index / perByte]) >> shift & (1 << header.depth - 1)
    }
  }

  private func scaled(_ value: Int) -> UInt8 {
    switch header.depth {
    case 8: UInt8(value)
    case 16: UInt8(value >> 8)
    default: UInt8(value * 255 / (1 << header.depth - 1))
    }
  }
}

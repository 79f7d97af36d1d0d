package import Storage

/// A picture of 8-bit samples, row by row, the samples of a pixel side by side.
package struct Image: Sendable, Equatable {
  /// Pixels that a side may have.
  package static let sideMax = 1 << 14
  /// Pixels of one picture.
  package static let pixelCountMax = 1 << 26

  package let width: Int
  package let height: Int
  /// 1 grey, 2 grey and alpha, 3 red green blue, 4 red green blue alpha.
  package let channels: Int
  package var pixels: [UInt8]

  /// Makes a picture of given samples.
  ///
  /// - Throws: `FormatError` for sizes out of bounds or another number of samples than `width * height * channels`.
  package init(width: Int, height: Int, channels: Int, pixels: [UInt8]) throws(FormatError) {
    try Image.checkSize(width: width, height: height, format: "image")
    guard (1...4).contains(channels), pixels.count == width * height * channels else {
      throw FormatError(
        "image",
        "\(pixels.count) samples for \(width) x \(height) pixels of \(channels)"
      )
    }
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// Refuses sizes out of bounds, before anything is allocated for them.
  static func checkSize(width: Int, height: Int, format: String) throws(FormatError) {
    guard (1...sideMax).contains(width), (1...sideMax).contains(height),
      width * height <= pixelCountMax
    else {
      throw FormatError(
        format,
        "\(width) x \(height) pixels; sides of 1 to \(sideMax) and \(pixelCountMax) pixels are read"
      )
    }
  }

  /// True where the last sample of a pixel is its opacity.
  package var hasAlpha: Bool { channels == 2 || channels == 4 }
}

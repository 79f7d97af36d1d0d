package import Storage

/// How a picture becomes a model's input, as `preprocessing.image` of `model.json` says.
///
/// Pixels are brought to `channels` x `height` x `width`, inverted where asked, then
/// `y = (pixel * scale - mean[c]) / deviation[c]` with pixels in 0...255.
package struct ImagePreprocessing: Codable, Equatable, Sendable {
  /// 1 (grey) or 3 (red, green, blue).
  package var channels: Int
  /// Pixels.
  package var height: Int
  /// Pixels.
  package var width: Int
  /// Applied to pixel values 0...255; 1/255 gives 0...1.
  package var scale: Double
  /// One number for each channel, after scaling.
  package var mean: [Double]
  /// One number for each channel, after scaling; not 0.
  package var deviation: [Double]
  /// True where the model was trained on light strokes on dark ground (MNIST) and pictures are dark on light.
  package var invert: Bool

  package init(
    channels: Int,
    height: Int,
    width: Int,
    scale: Double = 1.0 / 255,
    mean: [Double]? = nil,
    deviation: [Double]? = nil,
    invert: Bool = false
  ) {
    self.channels = channels
    self.height = height
    self.width = width
    self.scale = scale
    self.mean = mean ?? [Double](repeating: 0, count: max(channels, 0))
    self.deviation = deviation ?? [Double](repeating: 1, count: max(channels, 0))
    self.invert = invert
  }

  /// Pixels that a side of a model's input may have.
  package static let sideMax = 1 << 12

  /// Checks numbers from outside.
  ///
  /// - Throws: `FormatError` naming the key that cannot be used.
  package func validate() throws(FormatError) {
    func refuse(_ detail: String) -> FormatError { FormatError("preprocessing", detail) }
    guard channels == 1 || channels == 3 else {
      throw refuse("channels \(channels); 1 or 3 are allowed")
    }
    guard (1...Self.sideMax).contains(height), (1...Self.sideMax).contains(width) else {
      throw refuse("height \(height) and width \(width); 1 to \(Self.sideMax) are allowed")
    }
    guard scale.isFinite else { throw refuse("scale \(scale)") }
    guard mean.count == channels, mean.allSatisfy(\.isFinite) else {
      throw refuse("mean has \(mean.count) numbers for \(channels) channels")
    }
    guard deviation.count == channels, deviation.allSatisfy({ $0.isFinite && $0 != 0 }) else {
      throw refuse("deviation needs \(channels) numbers other than 0")
    }
  }
}

package import Storage
package import Tensors

extension ImagePreprocessing {
  /// The model's input for a picture: float32, [C, H, W].
  ///
  /// Transparent parts show black, or white where `invert` is set. Grey is luma after Rec. 601, 0.299 R + 0.587 G + 0.114 B.
  /// A side that shrinks is averaged by area, one that grows is interpolated linearly between pixel centres.
  ///
  /// - Throws: `FormatError` for numbers that `validate` refuses.
  package func tensor(from image: Image) throws(FormatError) -> Tensor {
    try validate()
    let columns = ResizeAxis(from: image.width, to: width)
    let rows = ResizeAxis(from: image.height, to: height)
    let background: Float = invert ? 255 : 0
    return Tensor([channels, height, width]) { (target: UnsafeMutableBufferPointer<Float>) in
      for channel in 0..<channels {
        var plane = ImagePreprocessing.plane(image, channel, of: channels, background)
        plane = columns.resizeRows(plane, rowCount: image.height)
        plane = rows.resizeColumns(plane, columnCount: width)
        for (index, value) in plane.enumerated() {
          target[channel * height * width + index] = self.value(of: value, channel: channel)
        }
      }
    }
  }

  /// What the model gets for a sample 0...255 of a channel.
  @inline(__always)
  func value(of sample: Float, channel: Int) -> Float {
    let pixel = invert ? 255 - sample : sample
    return (pixel * Float(scale) - Float(mean[channel])) / Float(deviation[channel])
  }

  /// One channel of a picture as 0...255, opaque.
  private static func plane(
    _ image: Image,
    _ channel: Int,
    of channels: Int,
    _ background: Float
  ) -> [Float] {
    let count = image.width * image.height
    let step = image.channels
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      image.pixels.withUnsafeBufferPointer { pixels in
        for index in 0..<count {
          let start = index * step
          var value = Float(pixels[start])
          if step >= 3 {
            value =
              channels == 1
              ? 0.299 * value + 0.587 * Float(pixels[start + 1]) + 0.114 * Float(pixels[start + 2])
              : Float(pixels[start + channel])
          }
          if image.hasAlpha {
            let opacity = Float(pixels[start + step - 1]) / 255
            value = value * opacity + background * (1 - opacity)
          }
          buffer[index] = value
        }
      }
      initialized = count
    }
  }
}

/// How the samples along one side are made from those of the picture: for each a first source and weights.
private struct ResizeAxis {
  private let source: Int
  private var firsts: [Int] = []
  private var weights: [[Float]] = []

  init(from source: Int, to target: Int) {
    self.source = source
    let ratio = Double(source) / Double(target)
    for index in 0..<target {
      if ratio >= 1 {
        let (start, end) = (Double(index) * ratio, Double(index + 1) * ratio)
        let first = min(Int(start), source - 1)
        let last = min(max(Int(end.rounded(.up)) - 1, first), source - 1)
        firsts.append(first)
        weights.append(
          (first...last).map { position in
            Float((min(end, Double(position + 1)) - max(start, Double(position))) / ratio)
          }
        )
      } else {
        let centre = min(max((Double(index) + 0.5) * ratio - 0.5, 0), Double(source - 1))
        let first = Int(centre)
        let share = Float(centre - Double(first))
        firsts.append(first)
        weights.append(first + 1 < source ? [1 - share, share] : [1])
      }
    }
  }

  private var isIdentity: Bool { firsts.count == source }

  /// Resizes along the width.
  func resizeRows(_ plane: [Float], rowCount: Int) -> [Float] {
    if isIdentity { return plane }
    var result: [Float] = []
    result.reserveCapacity(rowCount * firsts.count)
    for row in 0..<rowCount {
      for (first, weights) in zip(firsts, weights) {
        var sum: Float = 0
        for (offset, weight) in weights.enumerated() {
          sum += plane[row * source + first + offset] * weight
        }
        result.append(sum)
      }
    }
    return result
  }

  /// Resizes along the height.
  func resizeColumns(_ plane: [Float], columnCount: Int) -> [Float] {
    if isIdentity { return plane }
    var result = [Float](repeating: 0, count: firsts.count * columnCount)
    for (row, (first, weights)) in zip(firsts, weights).enumerated() {
      for (offset, weight) in weights.enumerated() {
        for column in 0..<columnCount {
          result[row * columnCount + column] +=
            plane[(first + offset) * columnCount + column] * weight
        }
      }
    }
    return result
  }
}

import Storage

/// What the three components of a picture mean.
enum JPEGColour {
  /// Luma and two chroma differences (ITU-T T.871, section 7).
  case yCbCr
  case rgb

  /// Decides as libjpeg does: a JFIF marker means YCbCr, else an Adobe marker says it, else the names of the components do.
  init(_ frame: JPEGFrame, hasJFIF: Bool, adobeTransform: UInt8?) {
    let names = frame.components.map(\.identifier)
    if hasJFIF {
      self = .yCbCr
    } else if let adobeTransform {
      self = adobeTransform == 0 ? .rgb : .yCbCr
    } else {
      self = names == Array("RGB".utf8) ? .rgb : .yCbCr
    }
  }

  /// Writes red, green and blue of a row of pixels: that of `x` to `start + x * step`.
  func write(
    _ first: [UInt8],
    _ second: [UInt8],
    _ third: [UInt8],
    width: Int,
    to pixels: inout [UInt8],
    at start: Int,
    step: Int
  ) {
    var target = pixels.mutableSpan
    let (first, second, third) = (first.span, second.span, third.span)
    var position = start
    for x in 0..<width {
      switch self {
      case .rgb:
        target[position] = first[x]
        target[position + 1] = second[x]
        target[position + 2] = third[x]
      case .yCbCr:
        let luma = Int32(first[x])
        let (blue, red) = (Int32(second[x]) - 128, Int32(third[x]) - 128)
        target[position] = Self.sample(luma, 91881 &* red &+ Self.half)
        target[position + 1] = Self.sample(luma, -22554 &* blue &- 46802 &* red &+ Self.half)
        target[position + 2] = Self.sample(luma, 116130 &* blue &+ Self.half)
      }
      position += step
    }
  }

  /// One half, with 16 bits behind the point, as the factors 1.402, 0.34414, 0.71414 and 1.772.
  private static let half: Int32 = 1 << 15

  @inline(__always)
  private static func sample(_ luma: Int32, _ difference: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: max(0, min(255, luma &+ difference >> 16)))
  }
}

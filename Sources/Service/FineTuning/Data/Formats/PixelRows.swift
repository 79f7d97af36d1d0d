import Storage
import Datasets
import Tensors

/// How arrays of unsigned bytes hold pictures.
struct PixelRows {
  private let height: Int
  private let width: Int
  private let channels: Int
  /// Whether all samples of a channel stand together.
  private let isPlanar: Bool

  /// Bytes of one picture.
  var byteCount: Int { height * width * channels }

  /// Finds the layout of rows of the given sizes: [H, W], [H, W, C], [C, H, W], or flat in the model's order.
  ///
  /// - Throws: `ExampleFault` for other sizes.
  init(sizes: [Int], _ image: ImagePreprocessing) throws(ExampleFault) {
    let own = [image.channels, image.height, image.width]
    if sizes == own || sizes == [own.reduce(1, *)] {
      (channels, height, width, isPlanar) = (own[0], own[1], own[2], true)
    } else if sizes.count == 2 {
      (channels, height, width, isPlanar) = (1, sizes[0], sizes[1], false)
    } else if sizes.count == 3, (1...4).contains(sizes[2]) {
      (channels, height, width, isPlanar) = (sizes[2], sizes[0], sizes[1], false)
    } else if sizes.count == 3, sizes[0] == 1 || sizes[0] == 3 {
      (channels, height, width, isPlanar) = (sizes[0], sizes[1], sizes[2], true)
    } else {
      throw ExampleFault(
        "input",
        expected: "bytes of pictures, [N,H,W], [N,H,W,C] or [N,C,H,W]",
        got: "rows of \(Shape(sizes))"
      )
    }
  }

  /// The picture that a row's bytes hold.
  func picture(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> Image {
    var pixels = [UInt8](bytes)
    if isPlanar, channels > 1 {
      let area = height * width
      for pixel in 0..<area {
        for channel in 0..<channels {
          pixels[pixel * channels + channel] = bytes[channel * area + pixel]
        }
      }
    }
    return try Image(width: width, height: height, channels: channels, pixels: pixels)
  }
}

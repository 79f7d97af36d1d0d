import Tensors

/// Random changes of pictures that keep their meaning, other ones in every pass over the data.
package struct ImageAugmentation: Sendable, Hashable {
  /// Pictures move by up to so many pixels in each direction.
  package var shift: Int
  /// Half of the pictures are mirrored, left to right.
  package var flipsHorizontally: Bool
  /// Pictures turn by up to so many degrees around their centre, either way.
  package var rotation: Float
  /// Standard deviation of normal noise added to each pixel.
  package var noise: Float

  package init(
    shift: Int = 0,
    flipsHorizontally: Bool = false,
    rotation: Float = 0,
    noise: Float = 0
  ) {
    self.shift = shift
    self.flipsHorizontally = flipsHorizontally
    self.rotation = rotation
    self.noise = noise
  }

  /// How the pixels of one picture lie in a row of features.
  struct Layout: Sendable {
    var channels: Int
    var height: Int
    var width: Int
    /// Distances between neighbours, in elements.
    var channelStride: Int
    var rowStride: Int
    var columnStride: Int

    /// Reads it from a row's shape: [C, H, W] or, where the last size is 1, 3 or 4 and the first is not, [H, W, C]; [H, W] has one channel.
    init(_ row: Shape) throws(FineTuningError) {
      let sizes = row.dimensions
      let channelCounts: Set = [1, 3, 4]
      switch sizes.count {
      case 2:
        (channels, height, width) = (1, sizes[0], sizes[1])
        (channelStride, rowStride, columnStride) = (0, width, 1)
      case 3 where channelCounts.contains(sizes[2]) && !channelCounts.contains(sizes[0]):
        (height, width, channels) = (sizes[0], sizes[1], sizes[2])
        (channelStride, rowStride, columnStride) = (1, width * channels, channels)
      case 3:
        (channels, height, width) = (sizes[0], sizes[1], sizes[2])
        (channelStride, rowStride, columnStride) = (height * width, width, 1)
      default:
        throw .option(
          "augmentation changes pictures [C,H,W], [H,W,C] or [H,W]; a row of features is \(row)"
        )
      }
    }
  }

  func validate() throws(FineTuningError) {
    guard shift >= 0, shift <= 1 << 12, rotation >= 0, rotation <= 180, noise >= 0, noise.isFinite
    else {
      throw .option(
        "augmentation: shift \(shift) must be 0 to 4096 pixels, rotation \(rotation) 0 to 180 degrees, "
          + "noise \(noise) not negative"
      )
    }
  }
}

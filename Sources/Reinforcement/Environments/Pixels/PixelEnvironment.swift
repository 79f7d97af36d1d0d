/// An environment seen as grey pictures: an observation is the last four of them, oldest first, [4, H, W] with pixels from 0 to 255.
///
/// Whoever keeps many observations can store each picture once and stack them again.
package protocol PixelEnvironment: Environment {
  var frameHeight: Int { get }
  var frameWidth: Int { get }

  /// Writes the newest picture, [H, W] in row-major order.
  func writeFrame(into frame: UnsafeMutableBufferPointer<UInt8>)
}

/// How pixel environments show movement.
package enum FrameStack {
  /// Pictures in one observation; the first of an episode stands in for those before it.
  package static let count = 4
}

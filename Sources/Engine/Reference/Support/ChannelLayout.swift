import GraphIR
import Tensors

/// A tensor seen as `[N, C, S]`: samples, channels, all further dimensions.
struct ChannelLayout {
  let samples: Int
  let channels: Int
  let spatial: Int

  /// - Throws: `GraphError.operands` for fewer than 2 dimensions.
  init(_ call: ReferenceCall, _ shape: Shape) throws {
    guard shape.rank >= 2 else {
      throw call.error("input 0 is \(shape), expected [N, C] and any further dimensions")
    }
    samples = shape[0]
    channels = shape[1]
    spatial = shape.dimensions[2...].reduce(1, *)
  }

  /// Elements of one channel.
  var channelCount: Int { samples * spatial }

  func channel(of position: Int) -> Int { position / spatial % channels }

  /// The positions of one channel's elements.
  func positions(ofChannel channel: Int) -> [Int] {
    (0..<channelCount).map { ($0 / spatial * channels + channel) * spatial + $0 % spatial }
  }
}

/// Mean and biased variance.
struct Moments {
  let mean: Double
  let variance: Double

  init(_ values: [Double]) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    self.mean = mean
    variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
  }
}

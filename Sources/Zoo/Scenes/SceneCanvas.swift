import Datasets
import Storage

/// A square picture that shapes are drawn on, with smooth edges.
struct SceneCanvas {
  private let side: Int
  /// Red, green and blue of each pixel.
  private var samples: [Float]

  init(side: Int, grey: UInt8) {
    self.side = side
    samples = [Float](repeating: Float(grey), count: side * side * 3)
  }

  /// Points across a pixel that are tested: the share inside the shape is its opacity there.
  private static let pointsPerSide = 4

  /// Draws a shape that reaches `radius` pixels from its centre.
  mutating func draw(_ shape: Scene.Shape, x: Float, y: Float, radius: Float, colour: [Float]) {
    let (points, reach) = (Self.pointsPerSide, radius + 1)
    for row in max(0, Int(y - reach))...max(0, min(side - 1, Int(y + reach))) {
      for column in max(0, Int(x - reach))...max(0, min(side - 1, Int(x + reach))) {
        var inside = 0
        for point in 0..<points * points {
          let across = (Float(point % points) + 0.5) / Float(points)
          let down = (Float(point / points) + 0.5) / Float(points)
          let (dx, dy) = (Float(column) + across - x, Float(row) + down - y)
          if shape.contains(dx / radius, dy / radius) { inside += 1 }
        }
        let opacity = Float(inside) / Float(points * points)
        let start = (row * side + column) * 3
        for channel in 0..<3 {
          samples[start + channel] += opacity * (colour[channel] - samples[start + channel])
        }
      }
    }
  }

  /// The picture, rounded to bytes.
  func image() throws(FormatError) -> Image {
    try Image(
      width: side,
      height: side,
      channels: 3,
      pixels: samples.map { UInt8(max(0, min(255, $0.rounded()))) }
    )
  }
}

extension Scene.Shape {
  /// Whether a point is inside, where the shape reaches 1 from its centre; y goes down.
  fileprivate func contains(_ x: Float, _ y: Float) -> Bool {
    let square = x * x + y * y
    return switch self {
    case .circle: square <= 1
    case .ring: square <= 1 && square >= 0.3
    case .square: abs(x) <= 0.85 && abs(y) <= 0.85
    case .cross: min(abs(x), abs(y)) <= 0.28 && max(abs(x), abs(y)) <= 1
    // Upright: from the tip at -1 its half width grows to 1 at the base.
    case .triangle: y >= -1 && y <= 0.8 && abs(x) <= (y + 1) / 1.8
    }
  }
}

/// Cells along one axis with their weights.
struct InterpolationTaps {
  var cells: [Int]
  var weights: [Double]

  /// The cell itself.
  init(cell: Int) {
    cells = [cell]
    weights = [1]
  }

  /// The two cells around `position`; where `stretch` is below 1 all cells under a triangle widened by it (antialiasing).
  init(linearAt position: Double, stretch: Double = 1) {
    let radius = 1 / min(stretch, 1)
    self.init(at: position, radius: radius) { max(1 - abs($0) / radius, 0) }
  }

  /// The four cells around `position` under Keys' kernel with coefficient `a`, more where `stretch` is below 1.
  init(cubicAt position: Double, coefficient a: Double, stretch: Double = 1) {
    let scale = min(stretch, 1)
    self.init(at: position, radius: 2 / scale) { distance in
      let x = abs(distance) * scale
      if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
    }
  }

  private init(at position: Double, radius: Double, kernel: (Double) -> Double) {
    let first = Int((position - radius).rounded(.down)) + 1
    let last = Int((position + radius).rounded(.up)) - 1
    cells = Array(first...max(first, last))
    weights = cells.map { kernel(Double($0) - position) }
    normalize()
  }

  /// Gives no weight to cells outside of `0..<size` and scales the others to a sum of 1.
  mutating func excludeOutside(of size: Int) {
    for index in cells.indices where cells[index] < 0 || cells[index] >= size { weights[index] = 0 }
    normalize()
  }

  private mutating func normalize() {
    let sum = weights.reduce(0, +)
    if sum != 0 { weights = weights.map { $0 / sum } }
  }
}

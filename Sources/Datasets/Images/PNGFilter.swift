/// The five filters of PNG rows: each byte is stored as its difference from a prediction.
enum PNGFilter: UInt8, CaseIterable {
  case none, sub, up, average, paeth

  /// The prediction from the bytes to the left, above, and above left.
  @inline(__always)
  func prediction(left: UInt8, above: UInt8, aboveLeft: UInt8) -> UInt8 {
    switch self {
    case .none: return 0
    case .sub: return left
    case .up: return above
    case .average: return UInt8((Int(left) + Int(above)) / 2)
    case .paeth:
      let (a, b, c) = (Int(left), Int(above), Int(aboveLeft))
      let estimate = a + b - c
      let (toA, toB, toC) = (abs(estimate - a), abs(estimate - b), abs(estimate - c))
      if toA <= toB && toA <= toC { return left }
      return toB <= toC ? above : aboveLeft
    }
  }

  /// Turns the stored bytes of a row into the true ones.
  ///
  /// `row` is where the row's bytes start, `above` where those of the row before it do (`nil` for the first), `step` the distance to
  /// the byte that counts as left.
  func undo(
    _ bytes: UnsafeMutableBufferPointer<UInt8>,
    row: Int,
    count: Int,
    above: Int?,
    step: Int
  ) {
    if self == .none { return }
    for index in 0..<count {
      let left = index >= step ? bytes[row + index - step] : 0
      let up = above.map { bytes[$0 + index] } ?? 0
      let corner = index >= step ? above.map { bytes[$0 + index - step] } ?? 0 : 0
      bytes[row + index] &+= prediction(left: left, above: up, aboveLeft: corner)
    }
  }
}

/// Grids over a box, each shifted against the others: what is seen becomes one tile of each (Sutton & Barto 2018, section 9.5.4).
///
/// Near observations share most of their tiles, so a linear function of tiles is a smooth table.
package struct TileCoding: Equatable, Sendable {
  package let tilingCount: Int
  /// Tiles along each dimension, before the one more that the shift needs.
  package let tilesPerDimension: Int
  /// All tiles of all tilings.
  package let featureCount: Int
  package let low: [Float]
  /// Of a tile, along each dimension.
  package let width: [Float]

  /// Features that a coding may have.
  package static let featuresMax = 1 << 24

  /// Grids over the box from `low` to `high`.
  ///
  /// - Throws: `ReinforcementError.parameter` for bounds that are not finite or not in order, and counts below 1 or of more features
  ///   than `featuresMax`.
  package init(
    low: [Float],
    high: [Float],
    tilingCount: Int,
    tilesPerDimension: Int
  ) throws(ReinforcementError) {
    guard !low.isEmpty, low.count == high.count,
      zip(low, high).allSatisfy({ $0 < $1 && ($1 - $0).isFinite })
    else { throw .parameter("tiles need finite bounds, low below high; got \(low) and \(high)") }
    guard tilingCount > 0, tilesPerDimension > 0 else {
      throw .parameter("\(tilingCount) tilings of \(tilesPerDimension) tiles, expected 1 or more")
    }
    var features = tilingCount
    for _ in low {
      let (product, overflow) = features.multipliedReportingOverflow(by: tilesPerDimension + 1)
      guard !overflow, product <= Self.featuresMax else {
        throw .parameter(
          "\(tilingCount) tilings of \(tilesPerDimension) tiles in \(low.count) dimensions; at most \(Self.featuresMax) in all"
        )
      }
      features = product
    }
    featureCount = features
    self.low = low
    self.tilingCount = tilingCount
    self.tilesPerDimension = tilesPerDimension
    width = zip(low, high).map { ($1 - $0) / Float(tilesPerDimension) }
  }

  /// By how much of a tile a tiling is shifted: (2 i + 1) k / tilings without its whole part, for tiling k and dimension i.
  ///
  /// Shifts are unequal, so that tiles do not line up along the diagonal.
  package func shift(ofTiling tiling: Int, along dimension: Int) -> Float {
    Float((2 * dimension + 1) * tiling % tilingCount) / Float(tilingCount)
  }

  /// The tile of each tiling that an observation is in; one beyond the bounds counts as on them.
  ///
  /// - Precondition: `observation` has as many numbers as the box has dimensions.
  package func features(of observation: [Float]) -> [Int] {
    precondition(observation.count == low.count, "\(observation.count) numbers for \(low.count)")
    let cells = tilesPerDimension + 1
    return (0..<tilingCount).map { tiling in
      var index = tiling
      for (dimension, number) in observation.enumerated() {
        let position = (number - low[dimension]) / width[dimension]
        // Not a number is on the lower bound as well.
        let inside = position > 0 ? min(position, Float(tilesPerDimension)) : 0
        let cell = Int(inside + shift(ofTiling: tiling, along: dimension))
        index = index * cells + min(cell, tilesPerDimension)
      }
      return index
    }
  }
}

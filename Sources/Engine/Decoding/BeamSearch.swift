/// Beam search: keeps the most likely beginnings of answers instead of drawing one.
///
/// Every step extends each of `width` hypotheses by every token and keeps the `width` most likely results. A hypothesis that takes an end
/// token is complete. Scores are logarithms of probabilities divided by the number of tokens, end token included, to the power
/// `lengthPenalty`: 0 prefers short answers, 1 compares means. The search ends when `width` hypotheses are complete and no live one
/// has a better score as it stands, or when the length is reached; those that reach it compete as they are. Of equals the one
/// with the lower tokens wins.
package struct BeamSearch: Sendable, Equatable {
  /// Hypotheses kept in each step.
  package var width: Int
  /// Hypotheses to give, best first; `width` at most.
  package var bestCount: Int
  package var lengthPenalty: Float

  /// Highest exponent of the length.
  package static let lengthPenaltyMax: Float = 10

  package init(width: Int, bestCount: Int = 1, lengthPenalty: Float = 1) {
    self.width = width
    self.bestCount = bestCount
    self.lengthPenalty = lengthPenalty
  }

  /// Checks the ranges.
  ///
  /// - Parameter rows: That the decoder has.
  /// - Throws: `DecodingError.request` naming the field.
  func validate(rows: Int) throws(DecodingError) {
    let widthMax = min(rows, DecodingLimits.beamWidthMax)
    guard (1...widthMax).contains(width) else {
      throw .request(field: "beam_width", detail: "\(width), expected 1 to \(widthMax)")
    }
    guard (1...width).contains(bestCount) else {
      throw .request(
        field: "n_best",
        detail: "\(bestCount), expected 1 to \(width), the beam's width"
      )
    }
    guard lengthPenalty >= 0, lengthPenalty <= Self.lengthPenaltyMax else {
      throw .request(
        field: "length_penalty",
        detail: "\(lengthPenalty), expected 0 to \(Self.lengthPenaltyMax)"
      )
    }
  }
}

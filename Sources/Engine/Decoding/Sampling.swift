/// How the next token is drawn.
///
/// In this order: logits are divided by the temperature, the `topK` best tokens are kept, then of those the best whose probabilities sum up
/// to `topP` (nucleus sampling; Holtzman et al. 2020), and one of them is drawn in proportion to its probability. The random number
/// depends on `seed` and the number of the step alone, so that equal requests give equal texts under any load.
package struct Sampling: Sendable, Equatable {
  /// 0 takes the most likely token, the first one of equals.
  package var temperature: Float
  /// Tokens to draw from; 0 for all.
  package var topK: Int
  /// Probability to draw from, above 0 to 1; 1 for all.
  package var topP: Float
  package var seed: UInt64

  package init(temperature: Float = 0, topK: Int = 0, topP: Float = 1, seed: UInt64 = 0) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.seed = seed
  }

  /// Checks the ranges.
  ///
  /// - Throws: `DecodingError.request` naming the field.
  func validate() throws(DecodingError) {
    guard temperature >= 0, temperature <= DecodingLimits.temperatureMax else {
      throw .request(
        field: "temperature",
        detail: "\(temperature), expected 0 to \(DecodingLimits.temperatureMax)"
      )
    }
    guard topK >= 0 else {
      throw .request(field: "top_k", detail: "\(topK), expected 0 (all) or more")
    }
    guard topP > 0, topP <= 1 else {
      throw .request(field: "top_p", detail: "\(topP), expected above 0 to 1")
    }
  }
}

/// One more token or value of a stream.
package struct DecodedToken: Sendable, Equatable {
  /// Its position in the answer, from 0.
  package let index: Int
  /// The token's number; 0 for a value.
  package let token: Int
  /// The value of a forecast; 0 for a token.
  package let value: Float
  /// Natural logarithm of the token's probability under the model, before temperature and truncation; 0 for a value.
  package let logProbability: Float
}

/// What a stream has become.
package struct DecodingResult: Sendable, Equatable {
  /// Why an answer ends where it does.
  package enum FinishReason: Sendable, Equatable {
    /// An end token came, or the observer had enough.
    case stop
    /// It has as many tokens as were asked for.
    case length
    /// Nobody waits for it any more.
    case cancelled
  }

  /// One answer.
  package struct Answer: Sendable, Equatable {
    /// Without the end token.
    package var tokens: [Int] = []
    /// Of a forecast.
    package var values: [Float] = []
    /// Of each token; one more than tokens where an end token came.
    package var logProbabilities: [Float] = []
    /// The sum of these.
    package var logProbability: Double = 0
    package var finishReason: FinishReason = .length
  }

  /// Best first; one, unless a beam search was asked for more.
  package let answers: [Answer]

  /// The only one, or the best.
  package var answer: Answer { answers.first ?? Answer() }
}

/// Follows one stream.
///
/// Called on the loop's thread, which steps all streams: it is cheap and waits for nothing. Exactly one of `finished` and `failed` is
/// called, last.
package protocol DecodingObserver: AnyObject, Sendable {
  /// Whether nobody waits for the stream any more: asked before every step, it then takes part in no other one.
  var isCancelled: Bool { get }

  /// Takes one more token, in order; a beam search has none before its end.
  ///
  /// - Returns: Whether the stream goes on: false ends it behind this token with the reason `stop`, as for a text that ends
  ///   answers.
  func produced(_ token: DecodedToken) -> Bool

  /// Takes the answers.
  func finished(_ result: DecodingResult)

  /// Takes the reason why there is none.
  func failed(_ error: any Error)
}

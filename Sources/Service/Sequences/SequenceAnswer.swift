/// The answer to one instance.
package enum SequenceAnswer: Sendable, Equatable {
  /// Generated text, translations and captions: the best first, one at least.
  case texts([GeneratedText])
  /// The class of a text.
  case label(String, probabilities: [LabelProbability])
  /// The class of every token.
  case labels([TokenLabel])
  /// The next values of a series, nearest first, each with the interval it lies in.
  case forecast([ForecastValue])
}

/// A text and how it came about.
package struct GeneratedText: Sendable, Equatable {
  package var text: String
  /// The tokens as the vocabulary spells them, without marks of start and end.
  package var tokens: [String]
  package var finishReason: FinishReason
  /// The sum of the natural logarithms of the tokens' probabilities under the model.
  package var logProbability: Float

  package init(
    _ text: String,
    tokens: [String],
    _ finishReason: FinishReason,
    logProbability: Float
  ) {
    self.text = text
    self.tokens = tokens
    self.finishReason = finishReason
    self.logProbability = logProbability
  }
}

/// Why a text ends.
package enum FinishReason: String, Sendable {
  /// The model ended it, or a text of `stop` came.
  case stop
  /// It has as many tokens as it may have.
  case length
}

/// How likely a class is.
package struct LabelProbability: Sendable, Equatable {
  package let label: String
  package let probability: Float

  package init(_ label: String, _ probability: Float) {
    self.label = label
    self.probability = probability
  }
}

/// A token and its class.
package struct TokenLabel: Sendable, Equatable {
  package let token: String
  package let label: String
  package let probability: Float

  package init(_ token: String, _ label: String, _ probability: Float) {
    self.token = token
    self.label = label
    self.probability = probability
  }
}

/// One step of a forecast.
package struct ForecastValue: Sendable, Equatable {
  package let value: Float
  /// The interval that the model's card promises; nil where the model has none.
  package let lower: Float?
  package let upper: Float?

  package init(_ value: Float, lower: Float? = nil, upper: Float? = nil) {
    self.value = value
    self.lower = lower
    self.upper = upper
  }
}

/// What an answer has more of than before, while it is made.
package enum SequencePiece: Sendable, Equatable {
  /// One more token.
  ///
  /// The text is what the token adds to the answer: whole characters, perhaps none yet.
  case token(String, text: String, logProbability: Float)
  /// One more number.
  case value(ForecastValue)
}

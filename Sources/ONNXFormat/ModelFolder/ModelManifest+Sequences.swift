extension ModelManifest {
  /// Which inputs and outputs of a sequence model are what, and how long its sequences may be.
  ///
  /// Graph `main` of a model that generates is a decoder: inputs `tokens` (int64 [N,T]) or `values` (float32 [N,T,1]), states and contexts
  /// (both [N,...]); outputs are the role `logits` ([N,T,V]) or `forecast` ([N,T,1]), and the new states. What a graph `encoder`
  /// gives goes to the decoder's inputs of the same names; a state that it does not give starts as zeros. A labelling model has
  /// `tokens` and `lengths` (int32 [N]) only.
  package struct SequenceFormat: Codable, Equatable, Sendable {
    /// Tokens, or steps of a series, that any length in this format may be.
    package static let lengthLimit = 65_536
    /// States, and contexts, that a decoder may have.
    package static let statesMax = 256

    /// The input of token numbers; exactly one of `tokens` and `values` is there.
    package var tokens: String?
    /// The input of a series' values.
    package var values: String?
    /// The input of the number of real tokens in each row, behind which is padding.
    package var lengths: String?
    /// What a step hands to the next one.
    package var state: [StatePair]
    /// Inputs that stay the same for all steps of a sequence.
    package var context: [String]
    /// The token that the decoder reads first.
    package var start: Int?
    /// The token that ends a sequence.
    package var end: Int?
    /// Whether the encoder reads the source's tokens from last to first (Sutskever, Vinyals, Le 2014); padding stays behind.
    package var sourceReversed: Bool
    /// Whether words are labelled, each at its first token, and not every token.
    ///
    /// White space separates the words of a text; each is encoded by itself with a space before it.
    package var labelsWords: Bool
    /// Tokens of the longest source or prompt, steps of the longest series; the encoder's sources are padded to it.
    package var sourceLengthMax: Int?
    /// Tokens of the longest reply, or of the longest text to label; steps of the longest forecast.
    package var lengthMax: Int

    package init(
      tokens: String? = nil,
      values: String? = nil,
      lengths: String? = nil,
      state: [StatePair] = [],
      context: [String] = [],
      start: Int? = nil,
      end: Int? = nil,
      sourceReversed: Bool = false,
      labelsWords: Bool = false,
      sourceLengthMax: Int? = nil,
      lengthMax: Int
    ) {
      self.tokens = tokens
      self.values = values
      self.lengths = lengths
      self.state = state
      self.context = context
      self.start = start
      self.end = end
      self.sourceReversed = sourceReversed
      self.labelsWords = labelsWords
      self.sourceLengthMax = sourceLengthMax
      self.lengthMax = lengthMax
    }

    private enum CodingKeys: String, CodingKey {
      case tokens, values, lengths, state, context, start, end
      case sourceReversed = "source_reversed"
      case labelsWords = "labels_words"
      case sourceLengthMax = "source_length_max"
      case lengthMax = "length_max"
    }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      tokens = try container.decodeIfPresent(String.self, forKey: .tokens)
      values = try container.decodeIfPresent(String.self, forKey: .values)
      lengths = try container.decodeIfPresent(String.self, forKey: .lengths)
      state = try container.decodeIfPresent([StatePair].self, forKey: .state) ?? []
      context = try container.decodeIfPresent([String].self, forKey: .context) ?? []
      start = try container.decodeIfPresent(Int.self, forKey: .start)
      end = try container.decodeIfPresent(Int.self, forKey: .end)
      sourceReversed = try container.decodeIfPresent(Bool.self, forKey: .sourceReversed) ?? false
      labelsWords = try container.decodeIfPresent(Bool.self, forKey: .labelsWords) ?? false
      sourceLengthMax = try container.decodeIfPresent(Int.self, forKey: .sourceLengthMax)
      lengthMax = try container.decode(Int.self, forKey: .lengthMax)
    }
  }

  /// A state of the decoder: the input that reads it and the output that gives it to the next step.
  package struct StatePair: Codable, Equatable, Sendable {
    package var input: String
    package var output: String

    package init(input: String, output: String) {
      self.input = input
      self.output = output
    }
  }

  /// The vocabularies of a model: files beside `model.json`.
  package struct TextFiles: Codable, Equatable, Sendable {
    /// Of what the model reads, where that is another language than it writes.
    package var source: FileReference?
    /// Of what the model writes; a language model has only this one.
    package var target: FileReference?

    package init(source: FileReference? = nil, target: FileReference? = nil) {
      self.source = source
      self.target = target
    }

    /// The file of one side.
    package subscript(side: TextSide) -> FileReference? {
      get { side == .source ? source : target }
      set { if side == .source { source = newValue } else { target = newValue } }
    }
  }

  /// Which of a model's texts: what it reads or what it writes.
  package enum TextSide: String, CaseIterable, Sendable {
    case source, target
  }

  /// How a forecaster's numbers relate to the series, `value = mean + scale * number`, and how far it has been off.
  package struct ForecastFormat: Codable, Equatable, Sendable {
    package var mean: Double
    /// Above 0.
    package var scale: Double
    /// Steps after which the series repeats itself, as 12 for months; the seasonal-naive forecast is measured with it.
    package var season: Int?
    package var interval: Interval?

    package init(mean: Double, scale: Double, season: Int? = nil, interval: Interval? = nil) {
      self.mean = mean
      self.scale = scale
      self.season = season
      self.interval = interval
    }
  }

  /// Quantiles of held-out residuals, in units of the series, by step ahead.
  ///
  /// Steps beyond the last entry have the last entry's.
  package struct Interval: Codable, Equatable, Sendable {
    /// Share of the truth that lies between the bounds, between 0 and 1.
    package var level: Double
    /// Added to the forecast for the lower bound; no more than `upper` at every step.
    package var lower: [Double]
    /// Added to the forecast for the upper bound.
    package var upper: [Double]

    package init(level: Double, lower: [Double], upper: [Double]) {
      self.level = level
      self.lower = lower
      self.upper = upper
    }
  }
}

package import Datasets

/// One instance of a request, as it was sent.
package enum SequenceInstance: Sendable, Equatable {
  case text(String)
  /// Numbers in row-major order and their shape: a series `[T]`, or pixels.
  case numbers([Float], shape: [Int])
  /// The bytes of an image file.
  case image([UInt8])
}

/// One instance as the model reads it.
package struct EncodedSequence: Sendable, Equatable {
  /// What goes into the model.
  package enum Content: Sendable, Equatable {
    /// Ids of tokens.
    case tokens([Int])
    /// A series, as it was sent.
    case values([Float])
    /// The elements of an image as the encoder takes it.
    case pixels([Float])
  }

  package let content: Content
  /// The words that the tokens are pieces of, where words are labelled.
  package let words: WordPieces?
  /// What the vocabulary does not know, in order; at most `unknownMax` are kept.
  package let unknown: [UnknownToken]
  /// How many there are.
  package let unknownCount: Int

  /// Unknown tokens that one answer tells.
  package static let unknownMax = 100

  package init(_ content: Content, words: WordPieces? = nil, unknown: [UnknownToken] = []) {
    self.content = content
    self.words = words
    self.unknown = Array(unknown.prefix(Self.unknownMax))
    unknownCount = unknown.count
  }

  /// Tokens or numbers that the model reads; 1 for an image.
  package var count: Int {
    switch content {
    case .tokens(let tokens): tokens.count
    case .values(let values): values.count
    case .pixels: 1
    }
  }
}

/// A character or word that the vocabulary does not know: the model read its token for unknown ones instead.
package struct UnknownToken: Sendable, Equatable {
  package let text: String
  /// Its position among the tokens of the instance, from 0.
  package let position: Int
  /// Where it starts in the text, bytes of UTF-8.
  package let offset: Int

  package init(_ text: String, position: Int, offset: Int) {
    self.text = text
    self.position = position
    self.offset = offset
  }
}

/// How an answer is made.
package struct SequenceParameters: Sendable, Equatable {
  /// Tokens of the longest answer; nil for the model's own limit.
  package var maxLength: Int?
  /// What the logits are divided by before a token is drawn; 0 takes the most likely token.
  package var temperature: Float = 0
  /// Draws among this many of the most likely tokens; nil among all.
  package var topK: Int?
  /// Draws among the most likely tokens whose probabilities reach this sum, in (0, 1]; nil among all.
  package var topP: Float?
  /// Of the generator that draws: every instance has one of its own that starts here.
  package var seed: UInt64 = 0
  /// Hypotheses that beam search keeps; 1 for none.
  package var beamWidth = 1
  /// Hypotheses that are answered, the most likely first; at most `beamWidth`.
  package var bestCount = 1
  /// Texts that end the answer and are no part of it.
  package var stop: [String] = []
  /// Numbers to forecast; nil for the model's own choice.
  package var steps: Int?

  package init() {}

  /// Whether tokens are drawn at random.
  package var isSampling: Bool { temperature > 0 && beamWidth == 1 }
}

package import Tensors

/// What one stream shall be: what it reads, how it goes on, when it ends.
package struct DecodingRequest: Sendable {
  /// What the decoder reads before it goes on by itself.
  package enum Prompt: Sendable, Equatable {
    /// Numbers of tokens, one at least: the start token where there is no text.
    case tokens([Int])
    /// A series, one value at least.
    case values([Float])

    /// How many there are.
    var count: Int {
      switch self {
      case .tokens(let tokens): tokens.count
      case .values(let values): values.count
      }
    }
  }

  /// How the next token comes about; series have one way only.
  package enum Strategy: Sendable, Equatable {
    case sampling(Sampling)
    case beam(BeamSearch)
  }

  package var prompt: Prompt
  /// The encoder's inputs by name, each for one row; none without an encoder.
  package var source: [String: Tensor]
  package var strategy: Strategy
  /// Tokens, or values, of the longest answer; an end token is not counted.
  package var lengthMax: Int
  /// Tokens that end the answer and are no part of it.
  package var endTokens: [Int]

  package init(
    _ prompt: Prompt,
    source: [String: Tensor] = [:],
    strategy: Strategy = .sampling(Sampling()),
    lengthMax: Int,
    endTokens: [Int] = []
  ) {
    self.prompt = prompt
    self.source = source
    self.strategy = strategy
    self.lengthMax = lengthMax
    self.endTokens = endTokens
  }

  /// Rows that the stream takes.
  var rowCount: Int {
    if case .beam(let search) = strategy { search.width } else { 1 }
  }

  /// Checks everything that one stream's request could spoil for the others.
  ///
  /// - Throws: `DecodingError.request` naming the field.
  func validate(
    kind: DecoderFormat.Kind,
    outputSize: Int,
    rows: Int
  ) throws(DecodingError) {
    let limit = DecodingLimits.lengthLimit
    guard (1...limit).contains(prompt.count) else {
      throw .request(field: "prompt", detail: "\(prompt.count) long, expected 1 to \(limit)")
    }
    guard (1...limit).contains(lengthMax) else {
      throw .request(field: "max_length", detail: "\(lengthMax), expected 1 to \(limit)")
    }
    switch (prompt, kind) {
    case (.tokens(let tokens), .tokens):
      try validate(tokens, "prompt", outputSize)
      try validate(endTokens, "end tokens", outputSize)
      guard endTokens.count <= DecodingLimits.endTokensMax else {
        throw .request(
          field: "end tokens",
          detail: "\(endTokens.count), at most \(DecodingLimits.endTokensMax)"
        )
      }
      switch strategy {
      case .sampling(let sampling): try sampling.validate()
      case .beam(let search): try search.validate(rows: rows)
      }
    case (.values(let values), .values):
      guard values.allSatisfy(\.isFinite) else {
        throw .request(field: "prompt", detail: "a value is not finite")
      }
      guard rowCount == 1, endTokens.isEmpty else {
        throw .request(field: "prompt", detail: "a series has neither a beam nor end tokens")
      }
    case (.tokens, .values):
      throw .request(field: "prompt", detail: "tokens, the decoder reads values")
    case (.values, .tokens):
      throw .request(field: "prompt", detail: "values, the decoder reads tokens")
    }
  }

  private func validate(
    _ tokens: [Int],
    _ field: String,
    _ outputSize: Int
  ) throws(DecodingError) {
    guard let token = tokens.first(where: { !(0..<outputSize).contains($0) }) else { return }
    throw .request(field: field, detail: "token \(token), the decoder has 0 to \(outputSize - 1)")
  }
}

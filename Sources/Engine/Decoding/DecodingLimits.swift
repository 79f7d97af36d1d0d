/// Every limit of decoding, with its unit and its default.
package struct DecodingLimits: Sendable, Equatable {
  /// Lanes of a model: threads that step streams, each its own ones.
  package var lanes = 1
  /// Rows that step together in a lane: one a stream, or as many as a beam is wide.
  package var rows = 32
  /// Streams that may wait for rows in a lane; more are refused.
  package var waitingStreams = 1024
  /// Tokens of prompts that are read between two steps of the running streams: more delays their next token.
  package var prefillTokensPerStep = 64
  /// Sources that are encoded between two steps of the running streams.
  package var sourcesPerStep = 4
  /// Tokens of a prompt that are read by one run; a power of two.
  package var prefillChunkTokens = 64

  /// Widest beam.
  package static let beamWidthMax = 32
  /// Tokens, or values, that one stream may be asked for; also of its prompt.
  package static let lengthLimit = 65_536
  /// Tokens that may end a stream.
  package static let endTokensMax = 16
  /// Highest temperature.
  package static let temperatureMax: Float = 100

  /// The defaults above.
  package init() {}
}

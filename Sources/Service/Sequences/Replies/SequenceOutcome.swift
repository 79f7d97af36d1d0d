/// What the answers to a request become: one reply, or a stream of events.
///
/// Called by several threads, one at a time for each row.
protocol SequenceOutcome: AnyObject, Sendable {
  /// Whether nobody waits any more.
  var isAbandoned: Bool { get }

  /// Takes what an answer has more of than before; only streams use it.
  func append(_ piece: SequencePiece)

  /// Takes the answer of a row.
  func finish(_ reply: InstanceReply, row: Int)

  /// Takes the reason why there is none.
  func fail(_ error: ServiceError, row: Int)
}

/// The answer to one instance with all that a client is told about it.
struct InstanceReply: Sendable, Equatable {
  let answer: SequenceAnswer
  let sequence: EncodedSequence
  /// What tokens were drawn with; nil where none were.
  let seed: UInt64?

  /// Tokens or numbers that were made, or labels.
  var count: Int {
    switch answer {
    case .texts(let texts): texts.first?.tokens.count ?? 0
    case .label: 1
    case .labels(let labels): labels.count
    case .forecast(let values): values.count
    }
  }
}

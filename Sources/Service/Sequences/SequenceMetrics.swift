import Synchronization

/// What is counted of a sequence model, over all its versions since the start.
final class SequenceMetrics: Sendable {
  /// Time from the complete request to the first piece of an answer, nanoseconds; bounds are 100 us to 13 s.
  let firstPiece = StripedHistogram(smallest: 100_000, bucketCount: 18)
  /// Time from the complete request to the end of an answer, nanoseconds; bounds are 100 us to 52 s.
  let duration = StripedHistogram(smallest: 100_000, bucketCount: 20)
  private let pieces = Atomic<UInt64>(0)
  private let cancelled = Atomic<UInt64>(0)
  private let active = Atomic<Int>(0)
  private let streams = Atomic<Int>(0)

  /// Tokens and numbers that were made.
  var pieceCount: UInt64 { pieces.load(ordering: .relaxed) }
  /// Answers that nobody waited for to the end, or that took longer than the client allowed.
  var cancelledCount: UInt64 { cancelled.load(ordering: .relaxed) }
  /// Answers that are made or wait to be.
  var activeCount: Int { active.load(ordering: .relaxed) }
  /// Clients that read an answer as it is made.
  var streamCount: Int { streams.load(ordering: .relaxed) }

  func notePieces(_ count: Int) { pieces.wrappingAdd(UInt64(clamping: count), ordering: .relaxed) }
  func noteCancellation() { cancelled.wrappingAdd(1, ordering: .relaxed) }
  func addActive(_ change: Int) { active.wrappingAdd(change, ordering: .relaxed) }
  func addStreams(_ change: Int) { streams.wrappingAdd(change, ordering: .relaxed) }

  /// Writes the families of all models that answer sequences.
  static func append(
    _ models: [(name: String, metrics: SequenceMetrics)],
    _ text: inout PrometheusText
  ) {
    guard !models.isEmpty else { return }
    text.family(
      "martlet_sequence_first_piece_seconds",
      .histogram,
      "Time from the complete request to the first token or number of an answer."
    )
    for (name, metrics) in models {
      text.histogram([("model", name)], metrics.firstPiece, scale: 1e9)
    }
    text.family(
      "martlet_sequence_duration_seconds",
      .histogram,
      "Time from the complete request to the end of an answer."
    )
    for (name, metrics) in models {
      text.histogram([("model", name)], metrics.duration, scale: 1e9)
    }
    text.family("martlet_sequence_tokens_total", .counter, "Tokens and numbers that were made.")
    for (name, metrics) in models { text.sample([("model", name)], metrics.pieceCount) }
    text.family(
      "martlet_sequence_cancelled_total",
      .counter,
      "Answers whose client went away or whose deadline passed before their end."
    )
    for (name, metrics) in models { text.sample([("model", name)], metrics.cancelledCount) }
    text.family("martlet_sequence_active", .gauge, "Answers that are made or wait to be.")
    for (name, metrics) in models {
      text.sample([("model", name)], UInt64(clamping: metrics.activeCount))
    }
    text.family("martlet_sequence_streams_open", .gauge, "Clients that read a stream.")
    for (name, metrics) in models {
      text.sample([("model", name)], UInt64(clamping: metrics.streamCount))
    }
  }
}

import HTTP
import ONNXFormat
import Synchronization

/// One instance while it is answered: hands on what the backend makes, ends it at a text of `stop`, at its deadline
/// or when nobody waits any more, and counts.
final class SequenceRun: SequenceSink {
  /// What all instances of a request have in common.
  struct Context: Sendable {
    let host: SequenceHost
    let parameters: SequenceParameters
    /// When the request was complete, on `MonotonicClock`.
    let start: UInt64
    /// When the answer is of no more use; 0 for never.
    let deadline: UInt64
    let outcome: any SequenceOutcome
  }

  private struct State {
    var matcher: StopMatcher?
    /// The tokens so far with the position where each begins in `text`; kept only where a stop may cut them.
    var tokens: [(token: String, start: Int)] = []
    var text = ""
    /// Bytes of all pieces, those included that are held back.
    var byteCount = 0
    var logProbability: Float = 0
    var hasPieces = false
    /// Whether the outcome has its answer or error.
    var isAnswered = false
    /// Whether the backend is through with it.
    var isReleased = false
  }

  private let context: Context
  private let sequence: EncodedSequence
  private let row: Int
  private let state: Mutex<State>

  init(_ sequence: EncodedSequence, row: Int, _ context: Context) {
    self.context = context
    self.sequence = sequence
    self.row = row
    let stop = context.parameters.stop
    let watches = !stop.isEmpty && context.parameters.beamWidth == 1
    state = Mutex(State(matcher: watches ? StopMatcher(stop) : nil))
  }

  var isCancelled: Bool {
    if state.withLock({ $0.isAnswered }) { return true }
    if context.outcome.isAbandoned { return true }
    guard context.deadline != 0, MonotonicClock.now() > context.deadline else { return false }
    answer(
      .failure(
        ServiceError(
          .gatewayTimeout,
          "the answer was not complete within the time of X-Request-Timeout-Ms"
        )
      )
    )
    context.host.metrics.noteCancellation()
    return true
  }

  func append(_ piece: SequencePiece) {
    context.host.metrics.notePieces(1)
    let (certain, cut, isFirst) = state.withLock { state in
      defer { state.hasPieces = true }
      let (certain, cut) = take(piece, &state)
      return (certain, cut, !state.hasPieces)
    }
    if isFirst { context.host.metrics.firstPiece.observe(elapsed, stripe: row) }
    if let certain { context.outcome.append(certain) }
    if let cut { answer(.success(.texts([cut]))) }
  }

  /// What of a piece goes out, and the answer where a text of `stop` ends it.
  private func take(
    _ piece: SequencePiece,
    _ state: inout State
  ) -> (certain: SequencePiece?, cut: GeneratedText?) {
    guard !state.isAnswered else { return (nil, nil) }
    guard state.matcher != nil, case .token(let token, let text, let logProbability) = piece else {
      return (piece, nil)
    }
    state.tokens.append((token, state.byteCount))
    state.byteCount += text.utf8.count
    state.logProbability += logProbability
    let (more, ends) = state.matcher?.add(text) ?? (text, false)
    state.text += more
    let certain = SequencePiece.token(token, text: more, logProbability: logProbability)
    guard ends else { return (certain, nil) }
    // Tokens of the stop text itself are no part of the answer.
    let kept = state.tokens.prefix { $0.start < state.text.utf8.count }.map(\.token)
    return (
      more.isEmpty ? nil : certain,
      GeneratedText(state.text, tokens: kept, .stop, logProbability: state.logProbability)
    )
  }

  func finish(_ answer: SequenceAnswer) {
    let held = state.withLock { state in state.isAnswered ? "" : state.matcher?.rest() ?? "" }
    if !held.isEmpty { context.outcome.append(.token("", text: held, logProbability: 0)) }
    self.answer(.success(cut(answer)))
    release(isComplete: true)
  }

  func fail(_ error: ServiceError) {
    if !state.withLock({ $0.isAnswered }) {
      if context.outcome.isAbandoned { context.host.metrics.noteCancellation() }
      answer(.failure(error))
    }
    release(isComplete: false)
  }

  // MARK: - Parts

  /// Cuts the texts that beam search made, which come whole.
  private func cut(_ answer: SequenceAnswer) -> SequenceAnswer {
    let stop = context.parameters.stop
    guard case .texts(let texts) = answer, !stop.isEmpty, context.parameters.beamWidth > 1 else {
      return answer
    }
    return .texts(
      texts.map { text in
        guard let cut = StopMatcher.cut(text.text, at: stop) else { return text }
        return GeneratedText(cut, tokens: text.tokens, .stop, logProbability: text.logProbability)
      }
    )
  }

  /// Gives the outcome its answer or error, once.
  private func answer(_ result: Result<SequenceAnswer, ServiceError>) {
    let isFirst = state.withLock { state in
      defer { state.isAnswered = true }
      return !state.isAnswered
    }
    guard isFirst else { return }
    switch result {
    case .success(let answer):
      context.host.metrics.duration.observe(elapsed, stripe: row)
      let parameters = context.parameters
      let isDrawn = context.host.backend.task.hasTargetText && parameters.isSampling
      context.outcome.finish(
        InstanceReply(
          answer: answer,
          sequence: sequence,
          seed: isDrawn ? parameters.seed : nil
        ),
        row: row
      )
    case .failure(let error): context.outcome.fail(error, row: row)
    }
  }

  private var elapsed: UInt64 {
    let now = MonotonicClock.now()
    return now > context.start ? now - context.start : 0
  }

  private func release(isComplete: Bool) {
    let isFirst = state.withLock { state in
      defer { state.isReleased = true }
      return !state.isReleased
    }
    guard isFirst else { return }
    context.host.release(seconds: isComplete ? Double(elapsed) / 1e9 : nil)
  }
}

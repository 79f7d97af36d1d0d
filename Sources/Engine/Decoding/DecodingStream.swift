/// One stream under way: its request, its rows, what it has become so far.
final class DecodingStream {
  let request: DecodingRequest
  let observer: any DecodingObserver
  /// The rows it has now; none while it waits or its prompt is read.
  var rows: [Int] = []
  /// Tokens of the prompt that were read; the last one is read by the stream's first step.
  var readCount = 0
  /// Whether it was begun: its source is encoded.
  var hasBegun = false
  var answer = DecodingResult.Answer()
  /// Where it searches.
  var beam: BeamState?

  init(_ request: DecodingRequest, _ observer: any DecodingObserver) {
    self.request = request
    self.observer = observer
    if case .beam(let search) = request.strategy {
      beam = BeamState(search, endTokens: request.endTokens, lengthMax: request.lengthMax)
    }
  }

  /// Tokens of the prompt that are still to be read before the first step.
  var unreadCount: Int { request.prompt.count - 1 - readCount }

  /// Tells the observer what has become of it.
  func finish(_ reason: DecodingResult.FinishReason) {
    guard let beam, reason != .cancelled else {
      answer.finishReason = reason
      observer.finished(DecodingResult(answers: [answer]))
      return
    }
    let answers = beam.results.map { hypothesis in
      DecodingResult.Answer(
        tokens: hypothesis.tokens,
        logProbabilities: hypothesis.logProbabilities,
        logProbability: hypothesis.logProbability,
        finishReason: hypothesis.isComplete ? .stop : .length
      )
    }
    observer.finished(DecodingResult(answers: answers))
  }
}

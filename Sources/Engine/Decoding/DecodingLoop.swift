/// Decodes many streams together: each step gives every active stream its next token.
///
/// Streams join and leave between steps (continuous batching: Yu et al., Orca, OSDI 2022). A stream's prompt is read alone, a bounded
/// piece between two steps, all but its last token; that one is read in the stream's first step with the others. The tokens of a
/// stream depend on its request alone, never on the others. Streams get rows in the order in which they came.
///
/// Used by one thread at a time; `DecodingLane` has a thread for it.
package final class DecodingLoop {
  /// What the decoder reads and writes.
  package var kind: DecoderFormat.Kind { decoder.graph.kind }
  /// Tokens of the vocabulary; 1 for values.
  package var outputSize: Int { decoder.outputSize }

  private let decoder: Decoder
  private let encoder: SourceEncoder?
  private let limits: DecodingLimits
  private var sampler: TokenSampler
  /// Streams without rows, the oldest first; the first one's prompt may be partly read.
  private var waiting = StreamQueue()
  private var active: [DecodingStream] = []
  /// Who has each row in use, and for which of its hypotheses.
  private var owners: [(stream: DecodingStream, position: Int)] = []
  /// Rows that change places after a step; kept for its memory.
  private var gathers: [(row: Int, source: Int)] = []

  package init(
    _ decoder: Decoder,
    encoder: SourceEncoder? = nil,
    limits: DecodingLimits = DecodingLimits()
  ) {
    self.decoder = decoder
    self.encoder = encoder
    self.limits = limits
    sampler = TokenSampler(vocabularySize: decoder.outputSize)
    owners.reserveCapacity(decoder.rowCapacity)
    gathers.reserveCapacity(decoder.rowCapacity)
  }

  /// Whether there is nothing to do.
  package var isIdle: Bool { active.isEmpty && waiting.isEmpty }

  /// Streams that have no rows yet.
  package var waitingCount: Int { waiting.count }

  /// Streams that have not ended.
  package var streamCount: Int { waiting.count + active.count }

  /// Checks a request; any thread may ask.
  ///
  /// - Throws: `DecodingError.request` naming the field that is not possible.
  package func validate(_ request: DecodingRequest) throws(DecodingError) {
    try request.validate(kind: kind, outputSize: outputSize, rows: decoder.rowCapacity)
  }

  /// Lets a stream wait for rows.
  ///
  /// - Throws: As `validate`; the observer is not called then.
  package func add(
    _ request: DecodingRequest,
    _ observer: any DecodingObserver
  ) throws(DecodingError) {
    try validate(request)
    waiting.append(DecodingStream(request, observer))
  }

  /// Decodes requests, as many together as there are rows; for evaluations.
  ///
  /// - Returns: Their results in order.
  /// - Throws: The first error of a request.
  package func run(_ requests: [DecodingRequest]) throws -> [DecodingResult] {
    let collectors = requests.map { _ in ResultCollector() }
    for request in requests { try validate(request) }
    for (request, collector) in zip(requests, collectors) { try add(request, collector) }
    // Nobody waits for the next token of a running stream: full rows are better.
    while turn(JoiningShare(tokens: .max, sources: .max)) {}
    return try collectors.map { try $0.result.get() }
  }

  // MARK: - One turn

  /// Ends cancelled streams, lets waiting ones read and join, and gives every active one a token.
  ///
  /// - Returns: Whether there is more to do.
  package func step() -> Bool {
    turn(JoiningShare(tokens: limits.prefillTokensPerStep, sources: limits.sourcesPerStep))
  }

  /// What joining streams may do before the running ones go on.
  private struct JoiningShare {
    var tokens: Int
    var sources: Int
  }

  private func turn(_ share: JoiningShare) -> Bool {
    removeCancelled()
    admitWaiting(share)
    guard !owners.isEmpty else { return !isIdle }
    do {
      let scores = try decoder.step(rows: owners.count)
      take(scores)
    } catch {
      // The step served them all.
      for stream in active { stream.observer.failed(error) }
      active.removeAll()
      owners.removeAll()
    }
    return !isIdle
  }

  private func removeCancelled() {
    waiting.removeCancelled()
    guard active.contains(where: \.observer.isCancelled) else { return }
    active.removeAll { stream in
      guard stream.observer.isCancelled else { return false }
      release(stream)
      stream.finish(.cancelled)
      return true
    }
  }

  // MARK: - Joining

  /// Encodes sources and reads prompts until the share is used up or the rows are full.
  private func admitWaiting(_ share: JoiningShare) {
    var share = share
    while share.tokens > 0, let stream = waiting.first {
      do {
        if !stream.hasBegun {
          guard share.sources > 0 else { return }
          try begin(stream)
          if encoder != nil { share.sources -= 1 }
        }
        share.tokens -= try readPrompt(stream, share.tokens)
      } catch {
        waiting.removeFirst()
        stream.observer.failed(error)
        continue
      }
      guard stream.unreadCount == 0,
        owners.count + stream.request.rowCount <= decoder.rowCapacity
      else { return }
      waiting.removeFirst()
      admit(stream)
      share.tokens -= 1
    }
  }

  private func begin(_ stream: DecodingStream) throws {
    let source = stream.request.source
    try decoder.begin(try encoder?.encode(source) ?? source)
    stream.hasBegun = true
  }

  /// - Returns: Tokens that were read.
  private func readPrompt(_ stream: DecodingStream, _ most: Int) throws -> Int {
    var count = 0
    while stream.unreadCount > 0, count < most {
      let size = decoder.chunk(of: min(stream.unreadCount, most - count))
      let range = stream.readCount..<stream.readCount + size
      switch stream.request.prompt {
      case .tokens(let tokens): try decoder.read(tokens: tokens[range])
      case .values(let values): try decoder.read(values: values[range])
      }
      stream.readCount += size
      count += size
    }
    return count
  }

  private func admit(_ stream: DecodingStream) {
    for position in 0..<stream.request.rowCount {
      let row = owners.count
      decoder.admit(to: row)
      switch stream.request.prompt {
      case .tokens(let tokens): decoder.setToken(tokens[tokens.count - 1], row: row)
      case .values(let values): decoder.setValue(values[values.count - 1], row: row)
      }
      stream.rows.append(row)
      owners.append((stream, position))
    }
    active.append(stream)
  }

  // MARK: - Going on

  /// Gives every active stream its next token, and lets those go that end with it.
  private func take(_ scores: UnsafeBufferPointer<Float>) {
    gathers.removeAll(keepingCapacity: true)
    var ended: [DecodingStream] = []
    for stream in active {
      do throws(DecodingError) {
        if let reason = try advance(stream, scores) {
          stream.finish(reason)
          ended.append(stream)
        }
      } catch {
        stream.observer.failed(error)
        ended.append(stream)
      }
    }
    if !gathers.isEmpty { decoder.gatherStates(gathers) }
    for stream in ended {
      release(stream)
      active.removeAll { $0 === stream }
    }
  }

  private func row(_ row: Int, of scores: UnsafeBufferPointer<Float>) -> UnsafeBufferPointer<Float>
  {
    UnsafeBufferPointer(rebasing: scores[row * outputSize..<(row + 1) * outputSize])
  }

  /// - Returns: Why the stream ends here; nil where it goes on.
  private func advance(
    _ stream: DecodingStream,
    _ scores: UnsafeBufferPointer<Float>
  ) throws(DecodingError) -> DecodingResult.FinishReason? {
    if kind == .values { return try advanceSeries(stream, scores) }
    switch stream.request.strategy {
    case .beam: return try advanceBeam(stream, scores)
    case .sampling(let sampling): return try advanceText(stream, sampling, scores)
    }
  }

  private func advanceText(
    _ stream: DecodingStream,
    _ sampling: Sampling,
    _ scores: UnsafeBufferPointer<Float>
  ) throws(DecodingError) -> DecodingResult.FinishReason? {
    let index = stream.answer.tokens.count
    let choice = try sampler.sample(row(stream.rows[0], of: scores), sampling, step: index)
    stream.answer.logProbabilities.append(choice.logProbability)
    stream.answer.logProbability += Double(choice.logProbability)
    if stream.request.endTokens.contains(choice.token) { return .stop }
    stream.answer.tokens.append(choice.token)
    decoder.setToken(choice.token, row: stream.rows[0])
    let token = DecodedToken(
      index: index,
      token: choice.token,
      value: 0,
      logProbability: choice.logProbability
    )
    guard stream.observer.produced(token) else { return .stop }
    return index + 1 >= stream.request.lengthMax ? .length : nil
  }

  private func advanceSeries(
    _ stream: DecodingStream,
    _ scores: UnsafeBufferPointer<Float>
  ) throws(DecodingError) -> DecodingResult.FinishReason? {
    let index = stream.answer.values.count
    let value = scores[stream.rows[0]]
    guard value.isFinite else { throw .notFinite(step: index) }
    stream.answer.values.append(value)
    decoder.setValue(value, row: stream.rows[0])
    let token = DecodedToken(index: index, token: 0, value: value, logProbability: 0)
    guard stream.observer.produced(token) else { return .stop }
    return index + 1 >= stream.request.lengthMax ? .length : nil
  }

  private func advanceBeam(
    _ stream: DecodingStream,
    _ scores: UnsafeBufferPointer<Float>
  ) throws(DecodingError) -> DecodingResult.FinishReason? {
    guard var beam = stream.beam else { return .stop }
    // The state is moved out and back, so that it is not copied.
    stream.beam = nil
    defer { stream.beam = beam }
    let parents = try beam.advance(&sampler) { row(stream.rows[$0], of: scores) }
    guard let parents else { return .stop }
    for (position, parent) in parents.enumerated() {
      let target = stream.rows[position]
      decoder.setToken(beam.live[position].tokens.last ?? 0, row: target)
      if parent != position { gathers.append((row: target, source: stream.rows[parent])) }
    }
    return nil
  }

  // MARK: - Leaving

  /// Gives a stream's rows back; the last rows move into their places.
  private func release(_ stream: DecodingStream) {
    // From the highest on: the last row is never one that is given back too.
    for row in stream.rows.sorted(by: >) {
      let last = owners.count - 1
      if row != last {
        decoder.move(row: last, to: row)
        let owner = owners[last]
        owners[row] = owner
        owner.stream.rows[owner.position] = row
      }
      owners.removeLast()
    }
    stream.rows = []
  }
}

/// Keeps a result.
private final class ResultCollector: DecodingObserver, @unchecked Sendable {
  // Only the loop's thread touches it, which is the one that made it.
  var result: Result<DecodingResult, any Error> = .success(DecodingResult(answers: []))

  var isCancelled: Bool { false }
  func produced(_ token: DecodedToken) -> Bool { true }
  func finished(_ result: DecodingResult) { self.result = .success(result) }
  func failed(_ error: any Error) { result = .failure(error) }
}

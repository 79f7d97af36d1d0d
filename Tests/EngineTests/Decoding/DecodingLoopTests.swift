import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Engine

@Suite struct DecodingLoopTests {
  /// A request that differs in everything from the others.
  private func request(_ number: Int) -> DecodingRequest {
    var random = Philox(seed: 5, stream: UInt64(number))
    let prompt = (0..<1 + random.below(150)).map { _ in random.below(TinyDecoder.vocabularySize) }
    let sampling = Sampling(
      temperature: number % 5 == 0 ? 0 : 0.5 + random.uniform(),
      topK: number % 3 == 0 ? 4 : 0,
      topP: number % 4 == 0 ? 0.8 : 1,
      seed: UInt64(number / 2)
    )
    let isBeam = number % 7 == 3
    let beam = BeamSearch(width: 1 + number % 4, bestCount: 1, lengthPenalty: 0.5)
    return DecodingRequest(
      .tokens(prompt),
      strategy: isBeam ? .beam(beam) : .sampling(sampling),
      lengthMax: 1 + random.below(40),
      endTokens: number % 2 == 0 ? [0] : []
    )
  }

  /// What each request becomes alone.
  private func alone(_ numbers: Range<Int>) throws -> [DecodingResult] {
    var limits = DecodingLimits()
    limits.rows = 4
    return try numbers.map { number in
      try #require(TinyDecoder.loop(limits).run([request(number)]).first)
    }
  }

  @Test func aStreamIsTheSameInEveryBatchAndAfterEveryChange() throws {
    let count = 60
    let expected = try alone(0..<count)
    #expect(Set(expected.map(\.answer.tokens)).count > 40, "the requests do differ")
    for rows in [4, 8, 32] {
      var limits = DecodingLimits()
      limits.rows = rows
      limits.prefillTokensPerStep = rows * 3
      limits.prefillChunkTokens = rows == 8 ? 4 : 64
      let loop = try TinyDecoder.loop(limits)
      // They come in another order, at random times.
      var random = Philox(seed: UInt64(rows))
      let order = random.permutation(count)
      var observers: [Int: RecordingObserver] = [:]
      for number in order {
        let observer = RecordingObserver()
        observers[number] = observer
        try loop.add(request(number), observer)
        for _ in 0..<random.below(6) { _ = loop.step() }
      }
      while loop.step() {}
      for number in 0..<count {
        #expect(observers[number]?.result == expected[number], "\(rows) rows, request \(number)")
      }
    }
  }

  @Test func abortingStreamsLeavesTheOthersEqualToTheLastBit() throws {
    let count = 24
    let expected = try alone(0..<count)
    let loop = try TinyDecoder.loop()
    var random = Philox(seed: 1)
    var pending = Array(0..<count)
    var kept: [Int: RecordingObserver] = [:]
    var aborted: [RecordingObserver] = []
    while aborted.count < 300 {
      if aborted.count % 12 == 0, let number = pending.popLast() {
        let observer = RecordingObserver()
        kept[number] = observer
        try loop.add(request(number), observer)
      }
      let victim = RecordingObserver()
      aborted.append(victim)
      try loop.add(request(1000 + aborted.count), victim)
      for _ in 0..<random.below(4) { _ = loop.step() }
      let before = victim.tokens.count
      victim.cancel()
      _ = loop.step()
      #expect(victim.tokens.count == before, "no token comes after the cancellation")
    }
    while loop.step() {}
    #expect(kept.count == count)
    for (number, observer) in kept { #expect(observer.result == expected[number]) }
    for victim in aborted { #expect(victim.endCount == 1) }
    #expect(loop.isIdle)
  }

  @Test func tokensComeInOrderAndTheAnswerIsTheirs() throws {
    let loop = try TinyDecoder.loop()
    let observer = RecordingObserver()
    let sampling = Sampling(temperature: 1, seed: 8)
    try loop.add(
      DecodingRequest(.tokens([1]), strategy: .sampling(sampling), lengthMax: 12),
      observer
    )
    while loop.step() {}
    let record = observer.record.withLock { $0 }
    #expect(record.tokens.map(\.index) == Array(0..<12) && record.endCount == 1)
    let answer = try #require(record.result?.answer)
    #expect(answer.tokens == record.tokens.map(\.token) && answer.finishReason == .length)
    #expect(answer.logProbabilities == record.tokens.map(\.logProbability))
    #expect(answer.logProbability == record.tokens.reduce(0.0) { $0 + Double($1.logProbability) })
  }

  @Test func anEndTokenOrAnObserverWithEnoughEndsTheStream() throws {
    let loop = try TinyDecoder.loop()
    let sampling = DecodingRequest.Strategy.sampling(Sampling(temperature: 1, seed: 3))
    func request(_ end: [Int]) -> DecodingRequest {
      DecodingRequest(.tokens([2]), strategy: sampling, lengthMax: 30, endTokens: end)
    }
    let free = try #require(loop.run([request([])]).first).answer
    let end = free.tokens[5]
    let first = try #require(free.tokens.firstIndex(of: end))
    let ended = try #require(loop.run([request([end])]).first).answer
    #expect(ended.tokens == Array(free.tokens[..<first]) && ended.finishReason == .stop)
    #expect(ended.logProbabilities == Array(free.logProbabilities[...first]))
    let observer = RecordingObserver(tokensMax: 4)
    try loop.add(request([]), observer)
    while loop.step() {}
    #expect(observer.result?.answer.tokens == Array(free.tokens[..<4]))
    #expect(observer.result?.answer.finishReason == .stop)
  }

  @Test func longPromptsAreReadBetweenStepsOfTheOthers() throws {
    var limits = DecodingLimits()
    limits.prefillTokensPerStep = 8
    limits.prefillChunkTokens = 8
    let loop = try TinyDecoder.loop(limits)
    let running = RecordingObserver()
    try loop.add(DecodingRequest(.tokens([1]), lengthMax: 100), running)
    _ = loop.step()
    let long = RecordingObserver()
    try loop.add(DecodingRequest(.tokens(Array(repeating: 3, count: 80)), lengthMax: 1), long)
    var steps = 0
    while long.result == nil {
      _ = loop.step()
      steps += 1
    }
    #expect(steps == 10 && running.tokens.count == 11)
  }

  @Test func aWideBeamWaitsForRowsAndNobodyOvertakesIt() throws {
    var limits = DecodingLimits()
    limits.rows = 4
    let loop = try TinyDecoder.loop(limits)
    let observers = (0..<4).map { _ in RecordingObserver() }
    func add(_ index: Int, _ strategy: DecodingRequest.Strategy, _ length: Int) throws {
      let request = DecodingRequest(.tokens([1]), strategy: strategy, lengthMax: length)
      try loop.add(request, observers[index])
    }
    try add(0, .sampling(Sampling()), 5)
    try add(1, .beam(BeamSearch(width: 4)), 3)
    try add(2, .sampling(Sampling()), 1)
    for _ in 0..<5 {
      #expect(observers[1].result == nil && observers[2].result == nil)
      _ = loop.step()
    }
    while loop.step() {}
    #expect(observers[1].result != nil && observers[2].result != nil)
    #expect(throws: DecodingError.self) { try add(3, .beam(BeamSearch(width: 5)), 3) }
  }

  // MARK: - Sources

  @Test func theEncodersOutputsAreContextAndFirstState() throws {
    let decoder = try TinyDecoder.decoder(hasContext: true)
    let loop = DecodingLoop(decoder, encoder: try TinyDecoder.encoder())
    func request(_ source: [Int64], _ strategy: DecodingRequest.Strategy) -> DecodingRequest {
      DecodingRequest(
        .tokens([1]),
        source: ["source": Tensor(source, [1, 3])],
        strategy: strategy,
        lengthMax: 12
      )
    }
    let requests = (0..<40).map { number in
      let source = [number % 5, number / 5 % 5, number % 3].map { Int64($0) }
      let beam = BeamSearch(width: 3, bestCount: 2)
      let sampling = Sampling(temperature: 0.8, seed: UInt64(number))
      return request(source, number % 4 == 0 ? .beam(beam) : .sampling(sampling))
    }
    let together = try loop.run(requests)
    #expect(Set(together.map(\.answer.tokens)).count > 30)
    for (request, result) in zip(requests, together) {
      #expect(try loop.run([request]) == [result])
    }
    #expect(together[0].answers.count == 2)
  }

  @Test func aBadSourceFailsItsStreamOnly() throws {
    let loop = DecodingLoop(
      try TinyDecoder.decoder(hasContext: true),
      encoder: try TinyDecoder.encoder()
    )
    let sources: [[String: Tensor]] = [
      ["source": Tensor([1, 2, 3] as [Int64], [1, 3])], [:],
      ["source": Tensor([1, 2] as [Int64], [1, 2])],
      ["source": Tensor([1, 2, 9] as [Int64], [1, 3])],
      [
        "source": Tensor([1, 2, 3] as [Int64], [1, 3]), "more": Tensor(scalar: 1 as Float),
      ],
      ["source": Tensor([1, 1, 1] as [Int64], [1, 3])],
    ]
    let observers = sources.map { _ in RecordingObserver() }
    for (source, observer) in zip(sources, observers) {
      try loop.add(DecodingRequest(.tokens([1]), source: source, lengthMax: 3), observer)
    }
    while loop.step() {}
    #expect(observers.map { $0.result != nil } == [true, false, false, false, false, true])
    #expect(observers.allSatisfy { $0.endCount == 1 })
  }

  // MARK: - Series

  @Test func aForecastGoesOnFromItsOwnValues() throws {
    let loop = try TinyDecoder.forecaster()
    let result = try loop.run([
      DecodingRequest(.values([1, 2, 3]), lengthMax: 4),
      DecodingRequest(.values([5]), lengthMax: 2),
    ])
    // The sum of all before: 6, then 12, 24, ...
    #expect(result.map(\.answer.values) == [[6, 12, 24, 48], [5, 10]])
    #expect(result.allSatisfy { $0.answer.finishReason == .length })
  }

  @Test func aForecastThatIsNoNumberFailsItsStreamOnly() throws {
    let loop = try TinyDecoder.forecaster()
    let broken = RecordingObserver()
    let fine = RecordingObserver()
    try loop.add(DecodingRequest(.values([3e38]), lengthMax: 5), broken)
    try loop.add(DecodingRequest(.values([1]), lengthMax: 5), fine)
    while loop.step() {}
    #expect(broken.error?.contains("not finite") == true)
    #expect(fine.result?.answer.values == [1, 2, 4, 8, 16])
  }

  // MARK: - Requests that are not possible

  @Test(arguments: [
    DecodingRequest(.tokens([]), lengthMax: 1), DecodingRequest(.tokens([11]), lengthMax: 1),
    DecodingRequest(.tokens([-1]), lengthMax: 1), DecodingRequest(.tokens([1]), lengthMax: 0),
    DecodingRequest(.tokens([1]), lengthMax: 1 << 20),
    DecodingRequest(.tokens([1]), lengthMax: 1, endTokens: [11]),
    DecodingRequest(.tokens([1]), lengthMax: 1, endTokens: Array(repeating: 1, count: 17)),
    DecodingRequest(.values([1]), lengthMax: 1),
    DecodingRequest(.tokens([1]), strategy: .sampling(Sampling(topP: 2)), lengthMax: 1),
    DecodingRequest(.tokens([1]), strategy: .beam(BeamSearch(width: 0)), lengthMax: 1),
  ])
  func impossibleRequestsAreRefused(request: DecodingRequest) throws {
    let loop = try TinyDecoder.loop()
    let observer = RecordingObserver()
    #expect(throws: DecodingError.self) { try loop.add(request, observer) }
    #expect(loop.isIdle && observer.endCount == 0)
  }
}

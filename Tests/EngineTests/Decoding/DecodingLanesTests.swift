import Dispatch
import Synchronization
import Testing

@testable import Engine

/// Streams of one model on several threads.
@Suite struct DecodingLanesTests {
  /// Tells when a stream has ended, and what it was.
  private final class Waiter: DecodingObserver {
    let ended: DispatchGroup
    let result = Mutex<DecodingResult?>(nil)

    init(_ ended: DispatchGroup) {
      self.ended = ended
      ended.enter()
    }

    var isCancelled: Bool { false }
    func produced(_ token: DecodedToken) -> Bool { true }
    func finished(_ result: DecodingResult) {
      self.result.withLock { $0 = result }
      ended.leave()
    }
    func failed(_ error: any Error) { ended.leave() }
  }

  @Test func aStreamJoinsFewOthersElseTheFewest() {
    #expect(DecodingLanes.choice(among: [0, 0]) == 0)
    // A step of few rows takes as long as reading the weights.
    #expect(DecodingLanes.choice(among: [1, 0]) == 0)
    #expect(DecodingLanes.choice(among: [3, 0]) == 0)
    #expect(DecodingLanes.choice(among: [4, 0]) == 1)
    #expect(DecodingLanes.choice(among: [9, 2]) == 1)
    #expect(DecodingLanes.choice(among: [5, 4]) == 1)
    #expect(DecodingLanes.choice(among: [7, 7, 6]) == 2)
    var counts = [0, 0]
    for _ in 0..<32 { counts[DecodingLanes.choice(among: counts)] += 1 }
    #expect(counts == [16, 16])
  }

  @Test func streamsAreThoseOfOneLoop() throws {
    let requests = (0..<60).map { index in
      DecodingRequest(
        .tokens([1, 2, 3]),
        strategy: .sampling(Sampling(temperature: 1, seed: UInt64(index))),
        lengthMax: 5 + index % 20
      )
    }
    let expected = try TinyDecoder.loop().run(requests)
    let weights = SharedWeights()
    let lanes = DecodingLanes(
      try (0..<3).map { _ in
        let session = try Session(TinyDecoder.graph(), weights: weights)
        let decoder = try Decoder(session, TinyDecoder.format)
        return DecodingLane(DecodingLoop(decoder))
      }
    )
    let group = DispatchGroup()
    let waiters = requests.map { _ in Waiter(group) }
    DispatchQueue.concurrentPerform(iterations: requests.count) { index in
      do { try lanes.submit(requests[index], waiters[index]) } catch {
        waiters[index].failed(error)
      }
    }
    group.wait()
    #expect(waiters.map { waiter in waiter.result.withLock { $0 } } == expected.map(Optional.some))
  }
}

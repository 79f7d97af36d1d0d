import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Engine

@Suite struct DecodingLaneTests {
  private func request(_ seed: UInt64, _ length: Int = 20) -> DecodingRequest {
    let sampling = Sampling(temperature: 1, seed: seed)
    return DecodingRequest(.tokens([1, 2, 3]), strategy: .sampling(sampling), lengthMax: length)
  }

  /// Tells when a stream has ended.
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

  @Test func streamsFromManyThreadsAreThoseOfTheLoop() throws {
    let expected = try TinyDecoder.loop().run((0..<100).map { request(UInt64($0)) })
    let steps = Mutex((begun: 0, ended: 0))
    let lane = DecodingLane(
      try TinyDecoder.loop(),
      hooks: .init(
        stepBegins: { steps.withLock { $0.begun += 1 } },
        stepEnds: { steps.withLock { $0.ended += 1 } }
      )
    )
    let group = DispatchGroup()
    let waiters = (0..<100).map { _ in Waiter(group) }
    let make = request
    DispatchQueue.concurrentPerform(iterations: 100) { index in
      do { try lane.submit(make(UInt64(index), 20), waiters[index]) } catch {
        waiters[index].failed(error)
      }
    }
    group.wait()
    #expect(waiters.map { waiter in waiter.result.withLock { $0 } } == expected.map(Optional.some))
    #expect(steps.withLock { $0.begun >= 80 })
  }

  @Test func tooManyWaitingStreamsAreRefused() throws {
    var limits = DecodingLimits()
    limits.rows = 1
    limits.waitingStreams = 3
    let began = DispatchSemaphore(value: 0)
    let goOn = DispatchSemaphore(value: 0)
    let isFirst = Mutex(true)
    let lane = DecodingLane(
      try TinyDecoder.loop(limits),
      limits: limits,
      hooks: .init(stepBegins: {
        guard
          isFirst.withLock({ first in
            defer { first = false }
            return first
          })
        else { return }
        began.signal()
        goOn.wait()
      })
    )
    let group = DispatchGroup()
    try lane.submit(request(0), Waiter(group))
    began.wait()
    // The first one counts as waiting until it has a row.
    try lane.submit(request(1), Waiter(group))
    try lane.submit(request(2), Waiter(group))
    #expect(throws: DecodingError.overloaded(waiting: 3, limit: 3)) {
      try lane.submit(request(3), RecordingObserver())
    }
    #expect(throws: DecodingError.self) {
      try lane.submit(DecodingRequest(.tokens([99]), lengthMax: 1), RecordingObserver())
    }
    goOn.signal()
    group.wait()
    let last = Waiter(group)
    try lane.submit(request(3), last)
    group.wait()
    #expect(last.result.withLock { $0 } != nil)
  }
}

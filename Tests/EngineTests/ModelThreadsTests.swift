import Dispatch
import Synchronization
import Testing

@testable import Engine

@Suite struct ModelThreadsTests {
  /// More work than any machine has processors, none of which ends before the last one had its turn.
  @Test func longWorkGivesItsThreadToWorkThatWaits() {
    let isReleased = Atomic<Bool>(false)
    let group = DispatchGroup()
    for _ in 0..<200 {
      group.enter()
      ModelThreads.run {
        if !isReleased.load(ordering: .relaxed) { return true }
        group.leave()
        return false
      }
    }
    ModelThreads.run {
      isReleased.store(true, ordering: .relaxed)
      return false
    }
    let result = group.wait(timeout: .now() + .seconds(60))
    // Also where the last one never had its turn: the others shall not run on beside other tests.
    isReleased.store(true, ordering: .relaxed)
    #expect(result == .success)
  }

  @Test func piecesOfOneCallFollowEachOther() {
    let runs = Mutex([Int](repeating: 0, count: 8))
    let isInside = Mutex(Set<Int>())
    let overlaps = Mutex(0)
    let group = DispatchGroup()
    for call in 0..<8 {
      group.enter()
      ModelThreads.run {
        if !isInside.withLock({ $0.insert(call).inserted }) { overlaps.withLock { $0 += 1 } }
        let count = runs.withLock {
          $0[call] += 1
          return $0[call]
        }
        isInside.withLock { _ = $0.remove(call) }
        if count == 20_000 { group.leave() }
        return count < 20_000
      }
    }
    group.wait()
    #expect(overlaps.withLock { $0 } == 0)
    #expect(runs.withLock { $0 } == [Int](repeating: 20_000, count: 8))
  }
}

import Dispatch
import Testing

@testable import Service

@Suite struct LoopBatchesTests {
  @Test func whatOneIterationBringsRunsTogether() throws {
    let log = RunLog()
    var limits = ServiceLimits()
    limits.rowsPerBatch = 4
    limits.inlineMicroseconds = 1_000_000
    let lane = Lane(FakeModel(log: log), name: "t", limits: limits)
    try lane.warmUp()
    let warmUps = log.rows.count
    let batches = LoopBatches()
    let group = DispatchGroup()
    let replies = (0..<7).map { _ in LaneTests.Reply(group) }
    for reply in replies {
      batches.submit(LaneTests.request(lane, rows: [[1, 2, 3]], reply), to: lane)
    }
    // Four are a full batch and have run; three wait for the end of the iteration.
    #expect(replies.filter { $0.value != nil }.count == 4)
    batches.run()
    #expect(log.rows.dropFirst(warmUps) == [4, 3])
    #expect(replies.allSatisfy { $0.value == .rows([14, 20]) })
  }

  @Test func anUnloadedLaneIsNotKept() throws {
    let batches = LoopBatches()
    weak var kept: Lane?
    do {
      let lane = Lane(FakeModel(), name: "t", limits: ServiceLimits())
      try lane.warmUp()
      kept = lane
      let reply = LaneTests.Reply(DispatchGroup())
      batches.submit(LaneTests.request(lane, rows: [[1, 2, 3]], reply), to: lane)
      batches.run()
      #expect(reply.value != nil)
    }
    #expect(kept == nil)
  }

  @Test func longRunsAreLeftToTheLane() throws {
    var limits = ServiceLimits()
    limits.inlineMicroseconds = 1000
    let lane = Lane(FakeModel(delayMilliseconds: 20), name: "t", limits: limits)
    try lane.warmUp()
    let group = DispatchGroup()
    let reply = LaneTests.Reply(group)
    LoopBatches().submit(LaneTests.request(lane, rows: [[1, 2, 3]], reply), to: lane)
    #expect(reply.value == nil)
    group.wait()
    #expect(reply.value == .rows([14, 20]))
  }
}

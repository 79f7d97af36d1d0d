import Dispatch
import HTTP
import Synchronization
import Tensors
import Testing

@testable import Service

/// Batches: who runs together, who is refused, and that nobody's rows depend on the company they were in.
@Suite struct LaneTests {
  /// Collects what a request was answered.
  final class Reply: PredictionReply {
    enum Answer: Equatable {
      case rows([Float])
      case error(ServiceError)
    }

    private let answer = Mutex<Answer?>(nil)
    private let group: DispatchGroup
    let isCancelled: Bool

    init(_ group: DispatchGroup, isCancelled: Bool = false) {
      self.group = group
      self.isCancelled = isCancelled
      group.enter()
    }

    var value: Answer? { answer.withLock { $0 } }

    func finish(_ outputs: PredictionOutputs) {
      let bytes = outputs.bytes(0)
      set(
        .rows(
          (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
        )
      )
    }

    func fail(_ error: ServiceError) { set(.error(error)) }

    private func set(_ value: Answer) {
      let isFirst = answer.withLock { answer in
        defer { answer = value }
        return answer == nil
      }
      #expect(isFirst, "answered twice")
      group.leave()
    }
  }

  static func request(_ lane: Lane, rows: [[Float]], _ reply: Reply) -> PendingPrediction {
    let request = lane.makeRequest()
    for row in rows { row.withUnsafeBytes { request.inputs[0].append($0) } }
    request.inputs[0].shape = StagedShape([rows.count, 3])
    request.rowCount = rows.count
    request.begin(reply)
    return request
  }

  static func expected(_ rows: [[Float]]) -> [Float] { rows.flatMap { ServiceServer.plain($0) } }

  @Test func whatWaitsRunsTogether() {
    let log = RunLog()
    var limits = ServiceLimits()
    limits.rowsPerBatch = 10
    let lane = Lane(FakeModel(log: log, delayMilliseconds: 20), name: "t", limits: limits)
    let group = DispatchGroup()
    var replies: [Reply] = []
    for index in 0..<25 {
      replies.append(Reply(group))
      lane.enqueue(Self.request(lane, rows: [[Float(index), 1, 2]], replies[index]))
    }
    group.wait()
    for (index, reply) in replies.enumerated() {
      #expect(reply.value == .rows(Self.expected([[Float(index), 1, 2]])))
    }
    // The first batch starts with whatever is there; the others are as full as they may be.
    #expect(log.rows.reduce(0, +) == 25)
    #expect(log.rows.count <= 4)
    #expect(log.rows.allSatisfy { $0 <= 10 })
  }

  /// Bit for bit, from many threads, with requests of many sizes, on event loops and on the queue alike.
  @Test func companyChangesNothing() {
    var limits = ServiceLimits()
    limits.rowsPerBatch = 16
    let lane = Lane(FakeModel(), name: "t", limits: limits)
    try? lane.warmUp()
    let group = DispatchGroup()
    let mistakes = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      var random = Philox(seed: UInt64(thread))
      for _ in 0..<200 {
        var batch: [(Reply, [[Float]])] = []
        var requests: [PendingPrediction] = []
        for _ in 0...random.below(4) {
          let rows = (0...random.below(40)).map { _ in
            (0..<3).map { _ in random.uniform() * 100 - 50 }
          }
          let reply = Reply(group)
          batch.append((reply, rows))
          requests.append(Self.request(lane, rows: rows, reply))
        }
        if random.below(2) == 0 {
          lane.runInline(requests)
        } else {
          for request in requests { lane.enqueue(request) }
        }
        while batch.contains(where: { $0.0.value == nil }) { pause() }
        for (reply, rows) in batch where reply.value != .rows(Self.expected(rows)) {
          mistakes.add(1, ordering: .relaxed)
        }
      }
    }
    group.wait()
    #expect(mistakes.load(ordering: .relaxed) == 0)
  }

  @Test func requestsBeyondTheQueueAreRefused() {
    var limits = ServiceLimits()
    limits.waitingRequestsPerModel = 2
    let lane = Lane(FakeModel(delayMilliseconds: 100), name: "t", limits: limits)
    let group = DispatchGroup()
    let replies = (0..<6).map { _ in Reply(group) }
    for reply in replies { lane.enqueue(Self.request(lane, rows: [[1, 2, 3]], reply)) }
    group.wait()
    let refused = replies.filter {
      if case .error(let error) = $0.value {
        return error.status == .tooManyRequests && (error.retryAfterSeconds ?? 0) >= 1
          && error.message.contains("at most 2 requests")
      }
      return false
    }
    #expect((2...4).contains(refused.count))
  }

  @Test func rowsBeyondTheQueueAreRefused() {
    var limits = ServiceLimits()
    limits.waitingRowsPerModel = 4
    let lane = Lane(FakeModel(delayMilliseconds: 100), name: "t", limits: limits)
    let group = DispatchGroup()
    let replies = (0..<4).map { _ in Reply(group) }
    for reply in replies {
      lane.enqueue(Self.request(lane, rows: [[1, 2, 3], [1, 2, 3], [1, 2, 3]], reply))
    }
    group.wait()
    #expect(replies.contains { if case .error = $0.value { true } else { false } })
    #expect(replies[0].value == .rows(Self.expected([[1, 2, 3], [1, 2, 3], [1, 2, 3]])))
  }

  @Test func theGoneAndTheLateAreDropped() {
    let log = RunLog()
    let lane = Lane(FakeModel(log: log), name: "t", limits: ServiceLimits())
    let group = DispatchGroup()
    let gone = Reply(group, isCancelled: true)
    let late = Reply(group)
    let good = Reply(group)
    let lateRequest = Self.request(lane, rows: [[1, 2, 3]], late)
    lateRequest.deadline = 1
    lane.runInline([
      Self.request(lane, rows: [[1, 2, 3]], gone), lateRequest,
      Self.request(lane, rows: [[1, 2, 3]], good),
    ])
    group.wait()
    #expect(log.rows == [1])
    #expect(good.value == .rows(Self.expected([[1, 2, 3]])))
    if case .error(let error) = late.value {
      #expect(error.status == .gatewayTimeout)
    } else {
      Issue.record()
    }
    if case .error(let error) = gone.value {
      #expect(error.status == .clientClosedRequest)
    } else {
      Issue.record()
    }
  }

  @Test func aModelThatFailsAnswersEverybody() {
    struct Failing: Error, CustomStringConvertible { let description = "index 7 of 3" }
    final class FailingModel: InferenceModel {
      let signature = FakeModel.plain
      func prepare(_ inputShapes: [Shape]) throws -> any PreparedInference { throw Failing() }
    }
    let lane = Lane(FailingModel(), name: "t", limits: ServiceLimits())
    #expect(throws: ServiceError.self) { try lane.warmUp() }
    let group = DispatchGroup()
    let replies = (0..<2).map { _ in Reply(group) }
    lane.runInline(replies.map { Self.request(lane, rows: [[1, 2, 3]], $0) })
    group.wait()
    for reply in replies {
      #expect(
        reply.value == .error(ServiceError(.internalServerError, "the model failed: index 7 of 3"))
      )
    }
  }

  @Test func costIsLearntAndOutliersAreNot() {
    var cost = CostModel()
    #expect(cost.estimate(rows: 1) == 0)
    cost.note(rows: 1, nanoseconds: 10_000)
    #expect(cost.estimate(rows: 1) == 10_000)
    #expect(cost.estimate(rows: 4) == 40_000)
    cost.note(rows: 4, nanoseconds: 20_000)
    #expect(cost.estimate(rows: 3) == 20_000)
    #expect(cost.estimate(rows: 8) == 40_000)
    cost.note(rows: 1, nanoseconds: 50_000_000)
    #expect(cost.estimate(rows: 1) < 12_000)
    // Measured badly once: its smaller neighbour knows better.
    cost.note(rows: 16, nanoseconds: 10_000_000)
    #expect(cost.estimate(rows: 16) == 80_000)
    for _ in 0..<20 { cost.note(rows: 1, nanoseconds: 5000) }
    #expect(cost.estimate(rows: 1) < 5001)
  }
}

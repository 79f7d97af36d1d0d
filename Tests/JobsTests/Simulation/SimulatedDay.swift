import Jobs
import TestSupport
import Testing

/// A script of jobs, played against a queue whose store may die at any change; then everything starts
/// again from what was durable, and what was acknowledged must be there.
final class SimulatedDay {
  enum Action {
    case submit(name: Int, group: String, priority: Int, payload: UInt8)
    case pause(Int)
    case resume(Int)
    case cancel(Int)
    /// So many steps of the workers.
    case work(Int)
    /// An orderly end of the process, and the next start.
    case restart
  }

  private let limits: JobLimits
  private let world = SimulatedWorld()
  private var faults: [MemoryJobStore.Fault]
  private var store: MemoryJobStore
  private var queue: JobQueue
  private var attempts: [SimulatedAttempt] = []
  private var ids: [Int: String] = [:]
  private var turn = 0
  /// Every record and log as last acknowledged.
  private var acknowledged: [String: (record: JobRecord, events: [JobEvent])] = [:]
  private(set) var crashCount = 0
  private var startCount: UInt64 = 0
  private let clock = StepClock()

  /// A day on which the stores die one after the other as `faults` say.
  init(faults: [MemoryJobStore.Fault]) throws {
    var limits = JobLimits()
    limits.concurrency = 2
    limits.attemptsWithoutProgress = 100
    self.limits = limits
    self.faults = faults
    store = try MemoryJobStore(fault: self.faults.popLast())
    queue = try JobQueue.opened(store, limits)
  }

  /// Plays the script, then lets every job end.
  func play(_ script: [Action]) throws {
    for action in script { try survive { try perform(action) } }
    var rounds = 0
    while try queue.list(limit: 100).jobs.contains(where: { !$0.status.isFinal }) {
      rounds += 1
      try #require(rounds < 1000, "a job neither ends nor resumes")
      try survive {
        for job in try queue.list(limit: 100).jobs where job.status == .paused {
          _ = try queue.resume(job.id)
        }
        try work()
      }
    }
    try checkTheEnd()
  }

  // MARK: Playing

  /// Repeats an action over crashes until it is acknowledged; what the state forbids counts as done.
  private func survive(_ action: () throws -> Void) throws {
    while true {
      do {
        try action()
        try remember()
        return
      } catch is JobError {
        return
      } catch is MemoryJobStore.Died {
        crashCount += 1
        try start()
      }
    }
  }

  private func perform(_ action: Action) throws {
    switch action {
    case .submit(let name, let group, let priority, let payload):
      ids[name] = try queue.submit(group: group, priority: priority, payload: [payload]).id
    case .pause(let name): _ = try queue.pause(ids[name] ?? "")
    case .resume(let name): _ = try queue.resume(ids[name] ?? "")
    case .cancel(let name): _ = try queue.cancel(ids[name] ?? "")
    case .work(let count): for _ in 0..<count { try work() }
    case .restart:
      queue.beginShutdown()
      while !attempts.isEmpty { try work() }
      // A death that has not come yet comes as many changes later.
      if var fault = store.fault {
        fault.change -= store.changeCount
        faults.append(fault)
      }
      try start()
    }
  }

  /// Takes what can be taken and does one step of one attempt; each call of an executor is acknowledged by itself.
  private func work() throws {
    if let context = try queue.takeForValidation() { attempts.append(SimulatedAttempt(context)) }
    if let context = try queue.takeForRun() { attempts.append(SimulatedAttempt(context)) }
    guard !attempts.isEmpty else { return }
    turn = (turn + 1) % attempts.count
    if try attempts[turn].step(queue, world) { attempts.remove(at: turn) }
    try remember()
  }

  private func start() throws {
    attempts = []
    var isOpen = false
    while !isOpen {
      do {
        store = try MemoryJobStore(store.disk, fault: faults.popLast())
        startCount += 1
        queue = try JobQueue(
          store: store,
          limits: limits,
          now: clock.now,
          random: SeededRandom(state: 100 + startCount)
        )
        try checkWhatWasAcknowledged()
        try remember()
        isOpen = true
      } catch is MemoryJobStore.Died {
        crashCount += 1
      }
    }
  }

  // MARK: Checking

  /// The records come first, from memory: an acknowledged action counts even if the store died behind it.
  private func remember() throws {
    let jobs = try queue.list(limit: 100).jobs
    for job in jobs { acknowledged[job.id] = (job, acknowledged[job.id]?.events ?? []) }
    for job in jobs {
      let known = acknowledged[job.id]?.events.count ?? 0
      let page = try queue.events(of: job.id, after: known, limit: 1000)
      acknowledged[job.id]?.events += page.events
    }
  }

  private func checkWhatWasAcknowledged() throws {
    #expect(queue.problems == [])
    for (id, (before, events)) in acknowledged {
      let after = try queue.job(id)
      #expect(after.payload == before.payload)
      #expect(after.createdAt == before.createdAt)
      let log = try queue.events(of: id, limit: 1000).events
      #expect(Array(log.prefix(events.count)) == events)
      #expect(log.map(\.sequence) == Array(1..<log.count + 1))
      for (name, value) in before.marks {
        let now = try #require(after.marks[name])
        #expect(now == value || name == "epoch" && now[0] == value[0] + 1)
      }
      if before.status.isFinal {
        #expect(after.status == before.status)
        #expect(after.result == before.result)
        #expect(after.failure == before.failure)
      }
      if before.requested == .cancel { #expect(after.status.isFinal) }
      #expect(!after.isActive)
    }
  }

  private func checkTheEnd() throws {
    for id in ids.values { #expect(try queue.job(id).status.isFinal) }
    for job in try queue.list(limit: 100).jobs {
      let events = try queue.events(of: job.id, limit: 1000).events
      #expect(events.map(\.sequence) == Array(1...events.count))
      let promotions = world.promotions[job.id] ?? 0
      #expect(promotions <= 1, "\(job.id) was promoted \(promotions) times")
      switch job.status {
      case .succeeded:
        let version = try #require(job.result?.first)
        #expect(world.publishers["\(job.group)/\(version)"] == job.id)
        #expect(world.publishers.values.count { $0 == job.id } == 1)
        let last = try #require(events.last)
        #expect(last.content.message == "The job has succeeded")
      case .failed: #expect(job.payload == [0])
      default: break
      }
    }
    #expect(store.disk.folders == [])
  }
}

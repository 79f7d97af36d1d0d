import Jobs
import Storage
import TestSupport
import Testing

@Suite struct FileJobStoreTests {
  private let folder: TemporaryFolder
  private var root: String { "\(folder.path)/jobs" }

  init() throws { folder = try TemporaryFolder() }

  @Test func jobsAreThereAfterOpeningAgain() throws {
    var id = ""
    var events: [JobEvent] = []
    do {
      let queue = try JobQueue.opened(FileJobStore(folder: root))
      id = try queue.submitReady().id
      let context = try #require(try queue.takeForRun())
      try context.mark("epoch", [1])
      try context.emit(.init("one", data: [1]))
      try FileAccess.create("\(try context.folder())/checkpoint", [5])
      events = try queue.events(of: id, limit: 9).events
    }
    let queue = try JobQueue.opened(FileJobStore(folder: root))
    #expect(queue.problems == [])
    let all = try queue.events(of: id, limit: 9).events
    #expect(Array(all.prefix(events.count)) == events)
    #expect(all.count == events.count + 1)
    let context = try #require(try queue.takeForRun())
    #expect(try context.mark("epoch") == [1])
    let work = try context.folder()
    #expect(try FileAccess.read("\(work)/checkpoint", byteCountMax: 1) == [5])
    try queue.succeed(id, result: [])
    #expect(!FileAccess.exists(work))
    #expect(try FileAccess.names(in: "\(root)/\(id)") == ["events.log", "record"])
  }

  /// A crash may cut the log anywhere: what is behind the last whole event is cut off and told.
  @Test func everyCutOfTheLogLeavesAPrefix() throws {
    let id: String
    do {
      let queue = try JobQueue.opened(FileJobStore(folder: root))
      id = try queue.submitReady().id
      let context = try #require(try queue.takeForRun())
      for step in 0..<3 { try context.emit(.init("step \(step)")) }
    }
    let path = "\(root)/\(id)/events.log"
    let record = try FileAccess.read("\(root)/\(id)/record", byteCountMax: 1 << 20)
    let log = try FileAccess.read(path, byteCountMax: 1 << 20)
    for cut in stride(from: 0, to: log.count, by: 7) {
      try AtomicFile.replace(path, Array(log[..<cut]))
      try AtomicFile.replace("\(root)/\(id)/record", record)
      let queue = try JobQueue.opened(FileJobStore(folder: root))
      let events = try queue.events(of: id, limit: 9).events
      #expect(events.map(\.sequence) == Array(1...events.count))
      #expect(events.last?.content.level == .warn)
      let steps = events.map(\.content.message).filter { $0.hasPrefix("step") }
      #expect(steps == Array(["step 0", "step 1", "step 2"].prefix(steps.count)))
    }
  }

  @Test func damagedLogsAreReported() throws {
    let id: String
    do { id = try JobQueue.opened(FileJobStore(folder: root)).submitReady().id }
    let path = "\(root)/\(id)/events.log"
    let log = try FileAccess.read(path, byteCountMax: 1 << 20)
    try AtomicFile.replace(path, log + [1, 2, 3])
    let problems = try JobQueue.opened(FileJobStore(folder: root)).problems
    #expect(problems.count == 1)
    #expect(problems.first?.contains("cut off 3 bytes") == true)
  }

  @Test func whatCrashesLeaveIsRemoved() throws {
    let id: String
    do { id = try JobQueue.opened(FileJobStore(folder: root)).submitReady().id }
    let halfRemoved = "\(root)/ftjob-" + String(repeating: "h", count: 24)
    try FileAccess.createFolders("\(halfRemoved)/work/deep")
    try FileAccess.create("\(root)/\(id)/record.1-0.tmp", [1])
    try FileAccess.createFolder("\(root)/notes of the owner")
    let queue = try JobQueue.opened(FileJobStore(folder: root))
    #expect(try queue.list(limit: 9).jobs.map(\.id) == [id])
    #expect(try FileAccess.names(in: root) == [id, "lock", "notes of the owner"])
    #expect(try FileAccess.names(in: "\(root)/\(id)") == ["events.log", "record"])
  }

  @Test func jobsAreRemovedWithAllTheirFiles() throws {
    var limits = JobLimits()
    limits.finishedJobs = 0
    let queue = try JobQueue.opened(FileJobStore(folder: root), limits)
    let job = try queue.submitReady()
    _ = try #require(try queue.takeForRun()).folder()
    try queue.succeed(job.id, result: [])
    #expect(try FileAccess.names(in: root) == ["lock"])
  }

  @Test func aFolderHasOneStore() throws {
    var store: FileJobStore? = try FileJobStore(folder: root)
    #expect(throws: FormatError.self) { try FileJobStore(folder: root) }
    withExtendedLifetime(store) {}
    store = nil
    _ = try FileJobStore(folder: root)
  }
}

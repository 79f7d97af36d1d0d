import Jobs

/// What lies outside of the queue and survives every crash: versions, and the alias of each model.
final class SimulatedWorld {
  /// The last version number given out, per model.
  private var reserved: [String: UInt8] = [:]
  private var alias: [String: UInt8] = [:]
  /// Who published each `model/version`.
  private(set) var publishers: [String: String] = [:]
  /// How often each job moved its alias.
  private(set) var promotions: [String: Int] = [:]

  func reserve(_ model: String) -> UInt8 {
    reserved[model, default: 0] += 1
    return reserved[model, default: 0]
  }

  func version(of model: String) -> UInt8 { alias[model] ?? 0 }

  /// Publishing the same again changes nothing; another job's version is never replaced.
  func publish(_ model: String, _ version: UInt8, by job: String) -> Bool {
    let key = "\(model)/\(version)"
    publishers[key] = publishers[key] ?? job
    return publishers[key] == job
  }

  /// Compare and set.
  func promote(_ model: String, from old: UInt8, to new: UInt8, by job: String) {
    guard version(of: model) == old else { return }
    alias[model] = new
    promotions[job, default: 0] += 1
  }
}

/// One attempt at a job, done in small steps, so that the simulation can put anything between them.
struct SimulatedAttempt {
  static let epochCount: UInt8 = 2
  let context: JobContext
  private let isValidation: Bool

  init(_ context: JobContext) {
    self.context = context
    isValidation = context.job.status == .validatingFiles
  }

  /// Does one step; true where the attempt has ended.
  func step(_ queue: JobQueue, _ world: SimulatedWorld) throws -> Bool {
    let job = context.job
    if isValidation {
      if job.payload == [0] {
        try queue.fail(job.id, JobFailure(code: "invalid_training_file", message: "row 1"))
      } else {
        try queue.validated(job.id)
      }
      return true
    }
    let epoch = try context.mark("epoch")?.first ?? 0
    if context.isStopRequested, try context.mark("from") == nil {
      try queue.interrupted(job.id)
      return true
    }
    if epoch < Self.epochCount {
      _ = try context.folder()
      try context.emit(.init("epoch \(epoch + 1)", kind: .metrics))
      try context.mark("epoch", [epoch + 1])
      return false
    }
    guard let version = try context.mark("version")?.first else {
      try context.mark("version", [world.reserve(job.group)])
      return false
    }
    guard let old = try context.mark("from")?.first else {
      guard world.publish(job.group, version, by: job.id) else {
        try queue.fail(job.id, JobFailure(code: "conflict", message: "version \(version)"))
        return true
      }
      try context.mark("from", [world.version(of: job.group)])
      return false
    }
    guard try context.mark("promoted") != nil else {
      world.promote(job.group, from: old, to: version, by: job.id)
      try context.mark("promoted", [1])
      return false
    }
    try queue.succeed(job.id, result: [version])
    return true
  }
}

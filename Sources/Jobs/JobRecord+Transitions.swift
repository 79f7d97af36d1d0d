/// The state machine: each transition checks that it is allowed, changes the record, and returns the
/// event that tells of it, nil where nothing changed. No I/O and no clock in here.
extension JobRecord {
  // MARK: What clients ask

  /// Ends the job: at once, or as soon as its executor obeys.
  mutating func cancel(now: Int) throws(JobError) -> JobEvent.Content? {
    try allow(.cancel)
    guard isActive else {
      end(.cancelled, now)
      return .init("The job was cancelled")
    }
    guard requested != .cancel else { return nil }
    requested = .cancel
    return .init("Asked to cancel the job; it stops at its next checkpoint")
  }

  /// Stops the job: at once, or as soon as its executor obeys.
  mutating func pause() throws(JobError) -> JobEvent.Content? {
    try allow(.pause)
    guard isActive else {
      status = .paused
      return .init("The job was paused")
    }
    guard requested != .pause else { return nil }
    requested = .pause
    return .init("Asked to pause the job; it stops at its next checkpoint")
  }

  /// Queues a paused job again, or takes a pause back.
  mutating func resume() throws(JobError) -> JobEvent.Content? {
    try allow(.resume)
    guard status == .paused else {
      requested = nil
      return .init("The pause was taken back")
    }
    status = .queued
    return .init("The job was resumed; it is queued")
  }

  // MARK: What workers report

  /// A worker takes the job to look at its specification.
  mutating func beginValidation() -> JobEvent.Content? {
    isActive = true
    return .init("Validating the files")
  }

  /// The specification is good.
  mutating func validated(now: Int) throws(JobError) -> JobEvent.Content? {
    try requireActive(.validatingFiles)
    guard requested != .cancel else {
      end(.cancelled, now)
      return .init("The job was cancelled")
    }
    release(to: .queued)
    crashes = 0
    return .init("Files validated; the job is queued")
  }

  /// A worker takes the job to run it.
  mutating func beginRun(now: Int) -> JobEvent.Content? {
    let text = startedAt == nil ? "The job is running" : "The job is running again"
    status = .running
    isActive = true
    startedAt = startedAt ?? now
    attempt = max(attempt, 1)
    return .init(text)
  }

  /// The executor is done; a stop that came too late has no effect.
  mutating func succeed(_ result: [UInt8], now: Int) throws(JobError) -> JobEvent.Content? {
    try requireActive(.running)
    self.result = result
    end(.succeeded, now)
    return .init("The job has succeeded")
  }

  /// The executor, or the validation, cannot go on.
  mutating func fail(_ failure: JobFailure, now: Int) throws(JobError) -> JobEvent.Content? {
    try requireActive(nil)
    return ended(by: failure, now)
  }

  /// The executor stopped because it was asked to.
  mutating func interrupted(now: Int, wasAsked: Bool) throws(JobError) -> JobEvent.Content? {
    try requireActive(nil)
    if let obeyed = obey(now) { return obeyed }
    guard wasAsked else {
      let message = "the executor stopped although nobody had asked it to"
      return ended(by: JobFailure(code: "interrupted_without_request", message: message), now)
    }
    release(to: status == .running ? .queued : status)
    return .init("The job was interrupted at a checkpoint; it goes on from there")
  }

  /// The process died while an executor had the job.
  mutating func recover(now: Int, limit: Int) -> JobEvent.Content? {
    guard isActive else { return nil }
    if let obeyed = obey(now) { return obeyed }
    crashes += 1
    guard crashes < limit else {
      let message = "\(crashes) attempts in a row were interrupted before they made progress"
      return ended(by: JobFailure(code: "interrupted_too_often", message: message), now)
    }
    if status == .running { attempt += 1 }
    release(to: status == .running ? .queued : status)
    return .init(
      "The job is resumed after interruption" + (status == .queued ? " (attempt \(attempt))" : ""),
      level: .warn
    )
  }

  // MARK: Steps

  private func allow(_ action: JobAction) throws(JobError) {
    let allowed = allowedActions
    guard allowed.contains(action) else {
      throw .illegalTransition(id: id, action: action, status: status, allowed: allowed)
    }
  }

  private func requireActive(_ expected: JobStatus?) throws(JobError) {
    guard isActive, expected == nil || status == expected else {
      throw .notActive(id: id, status: status)
    }
  }

  private mutating func obey(_ now: Int) -> JobEvent.Content? {
    switch requested {
    case .cancel:
      end(.cancelled, now)
      return .init("The job was cancelled")
    case .pause:
      release(to: .paused)
      return .init("The job was paused at a checkpoint")
    case nil:
      return nil
    }
  }

  private mutating func ended(by failure: JobFailure, _ now: Int) -> JobEvent.Content {
    self.failure = failure
    end(.failed, now)
    return .init("The job has failed: \(failure.message)", level: .error)
  }

  private mutating func end(_ status: JobStatus, _ now: Int) {
    release(to: status)
    finishedAt = now
  }

  private mutating func release(to status: JobStatus) {
    self.status = status
    isActive = false
    requested = nil
  }
}

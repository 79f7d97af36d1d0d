import Dispatch
import HTTP
package import Jobs
import Storage

/// The fine-tuning jobs of a server: makes them of requests, runs them in the background, tells how they are.
///
/// Methods wait for the disk: not for event loops.
package final class FineTuningService: Sendable {
  package let queue: JobQueue
  package let files: FileLibrary
  package let gate: TrainingGate
  let repository: ModelRepository
  /// Streams of events that may be open at one time.
  let eventStreamsMax: Int
  let settings: FineTuningSettings
  private let feedback: FeedbackStore?
  let transitions: TransitionStore?
  private let worker: JobWorker

  /// Opens the jobs of a folder: what a crash has interrupted goes on after `start`.
  ///
  /// - Parameters:
  ///   - folder: where jobs and files are kept; nobody else may write there.
  ///   - repository: where the models are, and where new versions go.
  ///   - aliases: what promotions move.
  ///   - feedback: the true answers that clients have told; nil where the server keeps none.
  ///   - transitions: what happened to clients that act; nil where the server keeps none.
  ///   - settings: what trainings may use of the machine.
  ///   - limits: of the files, and of the streams of events.
  /// - Throws: `FormatError` where the folder cannot be read or written, or another server has it.
  package init(
    folder: String,
    repository: ModelRepository,
    aliases: AliasStore,
    feedback: FeedbackStore? = nil,
    transitions: TransitionStore? = nil,
    settings: FineTuningSettings = FineTuningSettings(),
    limits: ServiceLimits = ServiceLimits()
  ) throws {
    eventStreamsMax = limits.eventStreams
    self.repository = repository
    self.settings = settings
    self.feedback = feedback
    self.transitions = transitions
    var jobLimits = JobLimits()
    jobLimits.concurrency = settings.concurrency
    let queue = try JobQueue(
      store: try FileJobStore(folder: "\(folder)/jobs"),
      limits: jobLimits,
      now: UnixTime.now,
      random: SystemRandomNumberGenerator()
    )
    self.queue = queue
    let files = try FileLibrary(folder: "\(folder)/files", limits: limits) { id in
      Self.isInUse(id, queue)
    }
    self.files = files
    let gate = TrainingGate(repository.load, share: settings.share)
    self.gate = gate
    worker = JobWorker(
      queue,
      executor: FineTuningExecutor(
        repository: repository,
        files: files,
        aliases: aliases,
        gate: gate,
        settings: settings,
        events: { try Self.allEvents(of: $0, queue) }
      ),
      onThreadStart: { _ in TrainingGate.enterBackground() }
    )
  }

  /// What was found damaged when the folder was opened, as sentences for the log.
  package var problems: [String] { queue.problems + files.problems }

  /// Begins to work.
  ///
  /// - Throws: `JobError.noThread`.
  package func start() throws(JobError) { try worker.start() }

  /// Stops trainings at their next checkpoint and waits for them; they go on after the next start.
  package func shutdown() { worker.shutdown() }

  // MARK: - Making jobs

  /// Makes a job of a request's body.
  ///
  /// - Throws: `AdminError` that names the member that is wrong; `JobError.queueFull`.
  func create(_ body: UnsafeRawBufferPointer) throws -> JobRecord {
    let request = try FineTuningRequest(body)
    let start = try StartingVersion(request.model, in: repository.snapshot)
    let path = try repository.path(of: start.model, start.number)
    if AgentBaseVersion.isOne(path) {
      let (specification, isFileOurs) = try agentSpecification(request, start)
      return try submit(specification, isFileOurs: isFileOurs)
    }
    guard request.reinforcement == nil else {
      throw AdminError.invalid(
        "'reinforcement' is for models of task q-values, which '\(start.model)' is not",
        parameter: "method.type"
      )
    }
    if SequenceBaseVersion.isOne(path) {
      return try submit(try sequenceSpecification(request, start))
    }
    let base = try repository.baseVersion(start.model, start.number)
    var specification = try specification(request, base)
    switch request.source {
    case .file(let id): specification.trainingFile = id
    case .inline(let range):
      let text = UnsafeRawBufferPointer(rebasing: body[range])
      specification.trainingFile = try store(text, specification, base).id
    case .feedback, .transitions:
      specification.trainingFile = try storeFeedback(specification, base).id
    }
    let isFileOurs = if case .file = request.source { false } else { true }
    return try submit(specification, isFileOurs: isFileOurs)
  }

  /// Adds a job; where that fails, a file that was made for it goes: nobody knows of it.
  private func submit(
    _ specification: FineTuningSpecification,
    isFileOurs: Bool
  ) throws -> JobRecord {
    do {
      return try submit(specification)
    } catch {
      if isFileOurs { try? files.delete(specification.trainingFile) }
      throw error
    }
  }

  /// Adds a job while its files cannot be removed.
  func submit(_ specification: FineTuningSpecification) throws -> JobRecord {
    let payload = try specification.payload()
    if let id = specification.validationFile, files.file(id) == nil {
      throw AdminError.noFile(id, parameter: "validation_file")
    }
    return try files.holding(specification.trainingFile) { file throws(AdminError) in
      guard file != nil else {
        throw .noFile(specification.trainingFile, parameter: "training_file")
      }
      do {
        return try queue.submit(group: specification.model, payload: payload)
      } catch { throw AdminError(error) }
    }
  }

  private func specification(
    _ request: FineTuningRequest,
    _ base: BaseVersion
  ) throws(AdminError) -> FineTuningSpecification {
    let objective = request.objective ?? base.likelyObjective
    guard objective != .sequence, objective != .reinforcement else {
      throw .invalid(
        "objective '\(objective.rawValue)' is for \(objective == .sequence ? "models of sequences" : "models of task q-values"), which '\(base.name)' is not",
        parameter: "objective"
      )
    }
    if let present = base.objective, objective != present, request.head == .keep {
      throw .invalid(
        "the model does \(present.rawValue); another objective needs \"head\": \"replace\"",
        parameter: "objective"
      )
    }
    if objective == .regression, request.labels != nil {
      throw .invalid(
        "a regression has no labels: how many numbers a new head gives, the targets tell",
        parameter: "labels"
      )
    }
    if objective == .multiLabel, request.head == .replace, request.labels == nil {
      throw .invalid(
        "a new head for several labels a row needs 'labels', their names in order",
        parameter: "labels"
      )
    }
    let metric: FineTuningSpecification.Metric =
      objective == .classification ? .accuracy : .loss
    let gate = request.gate ?? .init(metric: metric)
    guard !gate.metric.isOfPolicies else {
      throw .invalid(
        "only a policy has a '\(gate.metric.rawValue)': use 'accuracy' or 'loss'",
        parameter: "gate.metric"
      )
    }
    if objective == .regression, gate.metric == .accuracy {
      throw .invalid(
        "a regression has no accuracy: use 'loss' or 'mean_absolute_error'",
        parameter: "gate.metric"
      )
    }
    if objective != .regression, gate.metric == .meanAbsoluteError {
      throw .invalid(
        "only a regression has a 'mean_absolute_error': use 'accuracy' or 'loss'",
        parameter: "gate.metric"
      )
    }
    let split =
      request.validationFile == nil ? request.validationSplit ?? settings.validationSplit : 0
    if request.hyperparameters.patience != nil, request.validationFile == nil, split == 0 {
      throw .invalid(
        "early stopping needs held-out examples: send 'validation_split' or 'validation_file'",
        parameter: "validation_split"
      )
    }
    return FineTuningSpecification(
      model: base.name,
      baseVersion: base.number,
      trainingFile: "",
      validationFile: request.validationFile,
      validationSplit: split,
      objective: objective,
      head: request.head,
      labels: request.labels,
      freeze: request.freeze,
      hyperparameters: request.hyperparameters,
      reinforcement: nil,
      augmentation: request.augmentation,
      seed: request.seed ?? UInt64.random(in: 0...UInt64(1) << 53),
      gate: gate,
      promote: request.promote,
      alias: request.alias,
      suffix: request.suffix,
      metadata: request.metadata
    )
  }

  /// Keeps inline examples as a file.
  private func store(
    _ text: UnsafeRawBufferPointer,
    _ specification: FineTuningSpecification,
    _ base: BaseVersion
  ) throws -> StoredFile {
    let limits = settings.exampleLimits
    do {
      let schema = try ExampleSchema(
        base.manifest,
        base.signature,
        targets: try specification.targets(of: base),
        limits: limits
      )
      let set = try InlineExamples(schema, limits: limits).read(text)
      return try files.add(try set.npz(), filename: "inline.npz", purpose: "fine-tune")
    } catch let problems as ExampleProblems {
      throw AdminError.invalid("data: \(problems)", parameter: "data")
    } catch let failure as JobFailure {
      throw AdminError.invalid(failure.message, parameter: failure.param)
    }
  }

  /// Keeps what users have told about the model's answers so far as a file: later feedback does not change the job.
  private func storeFeedback(
    _ specification: FineTuningSpecification,
    _ base: BaseVersion
  ) throws -> StoredFile {
    guard let feedback else {
      throw AdminError.invalid("this server keeps no feedback", parameter: "data")
    }
    let limits = settings.exampleLimits
    do {
      let schema = try ExampleSchema(
        base.manifest,
        base.signature,
        targets: try specification.targets(of: base),
        limits: limits
      )
      let set = try feedback.examples(
        of: base.name,
        newest: limits.rows,
        schema,
        limits: limits
      )
      return try files.add(try set.npz(), filename: "feedback.npz", purpose: "fine-tune")
    } catch let problems as ExampleProblems {
      throw AdminError.invalid(
        "there is no feedback for '\(base.name)' to train on: \(problems)",
        parameter: "data"
      )
    } catch let failure as JobFailure {
      throw AdminError.invalid(failure.message, parameter: failure.param)
    }
  }

  private static func isInUse(_ id: String, _ queue: JobQueue) -> Bool {
    queue.unfinished.contains { job in
      guard let specification = try? FineTuningSpecification(payload: job.payload) else {
        return false
      }
      return specification.trainingFile == id || specification.validationFile == id
    }
  }

  // MARK: - Looking at jobs

  /// Data of a job's last event with numbers.
  func progress(of job: JobRecord) -> JSONValue? {
    guard let last = try? queue.lastEvent(of: job.id), last > 0,
      let page = try? queue.events(of: job.id, after: max(0, last - 10), limit: 10)
    else { return nil }
    return page.events.reversed().first { $0.content.kind == .metrics }
      .flatMap(EventDocument.data)
  }

  /// All events of a job, in order.
  static func allEvents(of id: String, _ queue: JobQueue) throws -> [JobEvent] {
    var events: [JobEvent] = []
    while true {
      let page = try queue.events(of: id, after: events.count, limit: 1000)
      events += page.events
      guard page.hasMore, !page.events.isEmpty else { return events }
    }
  }
}

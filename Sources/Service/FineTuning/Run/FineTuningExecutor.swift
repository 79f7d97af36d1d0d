import Datasets
import Engine
import GraphIR
import HTTP
import Jobs
import ONNXFormat
import Reinforcement
import Storage
import Training

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Does the fine-tuning jobs: reads examples, trains on the serving engine, measures, publishes a version, moves the alias.
///
/// Every step may be done again after a crash: a training goes on from its checkpoint to the same weights, a job has one version number, and
/// what was published or promoted is so once.
final class FineTuningExecutor: JobExecutor {
  let repository: ModelRepository
  let files: FileLibrary
  private let publisher: VersionPublisher
  private let aliases: AliasStore
  let gate: TrainingGate
  let settings: FineTuningSettings
  /// All events of a job so far.
  private let events: @Sendable (String) throws -> [JobEvent]

  init(
    repository: ModelRepository,
    files: FileLibrary,
    aliases: AliasStore,
    gate: TrainingGate,
    settings: FineTuningSettings,
    events: @escaping @Sendable (String) throws -> [JobEvent]
  ) {
    self.repository = repository
    self.files = files
    self.aliases = aliases
    publisher = VersionPublisher(repository, aliases: aliases)
    self.gate = gate
    self.settings = settings
    self.events = events
  }

  func validate(_ job: JobRecord, _ context: JobContext) throws {
    try explained {
      let prepared = try prepared(try attempt(job, context, checkpoint: nil))
      for warning in prepared.warnings { try context.emit(.init(warning, level: .warn)) }
      let rest = prepared.heldOutCount > 0 ? "\(prepared.heldOutCount) held out" : "none held out"
      try context.emit(
        .init(
          "Files validated: \(prepared.trainingCount) examples to train on, \(rest); \(prepared.tuning.trainedParameterCount) weights are trained"
        )
      )
    }
  }

  func run(_ job: JobRecord, _ context: JobContext) throws -> [UInt8] {
    // The next job may be a long time off, or another model's.
    defer { KernelScratch.release() }
    return try explained {
      let checkpoint = "\(try context.folder())/checkpoint.npz"
      let attempt = try attempt(job, context, checkpoint: checkpoint)
      let prepared = try prepared(attempt)
      let report = try train(prepared.tuning, checkpoint, attempt)
      let decision = try decided(context) { try prepared.judge(report) }
      return try publish(prepared.draft(report, decision), context)
    }
  }

  private func attempt(
    _ job: JobRecord,
    _ context: JobContext,
    checkpoint: String?
  ) throws -> JobAttempt {
    JobAttempt(
      specification: try FineTuningSpecification(payload: job.payload),
      job: job.id,
      context: context,
      checkpoint: checkpoint
    )
  }

  private func prepared(_ attempt: JobAttempt) throws -> PreparedJob {
    switch attempt.specification.objective {
    case .sequence: try preparedSequences(attempt)
    case .reinforcement: try preparedAgent(attempt)
    case .classification, .multiLabel, .regression: try preparedExamples(attempt)
    }
  }

  /// The version that training starts from, read by `read` of its model's name and its number.
  ///
  /// - Throws: `JobFailure` where its files are gone or damaged since the job was made.
  func base<Version>(
    of specification: FineTuningSpecification,
    _ read: (String, Int) throws -> Version
  ) throws -> Version {
    do {
      return try read(specification.model, specification.baseVersion)
    } catch let error as FineTuningError {
      throw error
    } catch {
      throw JobFailure(
        code: "base_version_unavailable",
        message:
          "version \(specification.baseVersion) of model '\(specification.model)' cannot be read any more: \(error)",
        param: "model"
      )
    }
  }

  /// A job for a classifier or a regression: a training on examples, judged by those held out.
  private func preparedExamples(_ attempt: JobAttempt) throws -> PreparedJob {
    let specification = attempt.specification
    let base = try base(of: specification, repository.baseVersion)
    let examples = try FineTuningExamples(
      specification,
      base,
      files: files,
      limits: settings.exampleLimits
    )
    let tuning = try FineTuning(
      base.model,
      options: specification.options(
        outputCount: examples.outputCount,
        exampleCount: examples.training.count,
        settings: settings,
        checkpoint: attempt.checkpoint,
        yield: yielding(attempt)
      ),
      training: examples.training,
      validation: examples.heldOut
    )
    return PreparedJob(
      tuning: tuning,
      trainingCount: examples.training.count,
      heldOutCount: examples.heldOut?.count ?? 0,
      warnings: examples.warnings,
      judge: { try self.judge(attempt, base, examples, tuning, $0) },
      draft: {
        VersionDraft(
          specification: specification,
          job: attempt.job,
          base: base,
          examples: examples,
          tuning: tuning,
          report: $0,
          decision: $1
        )
      }
    )
  }

  /// What the engine calls often: lets predictions go first, and passes requests to stop on.
  func yielding(_ attempt: JobAttempt) -> @Sendable () -> Void {
    { [pace = gate.pace(), context = attempt.context, control = attempt.control] in
      pace.pass()
      if context.isStopRequested { control.requestStop() }
    }
  }

  // MARK: - Training

  /// Trains from the checkpoint at `path`, where there is one, and tells of it.
  ///
  /// - Throws: `JobInterruption` where a stop is requested; what the engine throws.
  private func train(
    _ tuning: any TuningRun,
    _ path: String,
    _ attempt: JobAttempt
  ) throws -> FineTuningReport {
    let (context, control) = (attempt.context, attempt.control)
    var checkpoint: TrainingCheckpoint?
    if FileAccess.exists(path) {
      do {
        checkpoint = try TrainingCheckpoint(contentsOf: path)
      } catch {
        try context.emit(
          .init("The checkpoint is damaged, training begins anew: \(error)", level: .warn)
        )
      }
    }
    if let checkpoint, checkpoint.step > 0 {
      try context.emit(.init("Training goes on after step \(checkpoint.step)"))
    }
    let reporter = TrainingReporter(
      context,
      earlier: try events(attempt.job),
      stepsPerEpoch: tuning.stepsPerEpoch,
      epochs: tuning.options.epochs,
      seconds: settings.metricSeconds
    )
    let report = try tuning.run(from: checkpoint, control: control) { event in
      try reporter.report(event)
      if context.isStopRequested { control.requestStop() }
    }
    if report.end == .stoppedOnRequest { throw JobInterruption() }
    if case .precomputed(_, let byteCount) = report.frozenValues {
      try context.emit(
        .init("The frozen layers were computed once for all examples, \(byteCount) bytes")
      )
    }
    return report
  }

  // MARK: - Publishing

  /// Writes the version under the job's number, and moves the alias where the decision says so.
  private func publish(_ draft: any FineTunedDraft, _ context: JobContext) throws -> [UInt8] {
    let specification = draft.specification
    let number = try publisher.reserve(specification.model, job: draft.job)
    try context.mark("version", Array(String(number).utf8))
    let content = try draft.content(number)
    try publisher.publish(
      content.manifest,
      graphs: content.graphs,
      vocabularies: content.vocabularies,
      golden: content.golden
    )
    let name = "\(specification.model)/\(number)"
    // A crash behind this point does it all again: what the log says already is not said twice.
    let said = Set(try events(draft.job).map(\.content.message))
    func emit(_ event: JobEvent.Content) throws {
      if !said.contains(event.message) { try context.emit(event) }
    }
    try emit(.init("New version \(name): \(draft.decision.reason)"))
    var isPromoted = false
    if draft.decision.promotes {
      do {
        try aliases.promote(
          number,
          of: specification.model,
          to: specification.alias,
          expected: try expectation(draft),
          actor: "job \(draft.job)"
        )
        isPromoted = true
        try emit(.init("Alias '\(specification.alias)' points to version \(number) now"))
      } catch let conflict as AliasConflict {
        try emit(.init("Not promoted: \(conflict)", level: .warn))
      }
    }
    return try FineTuningResult(
      version: number,
      isPromoted: isPromoted,
      steps: draft.report.steps,
      bestEpoch: draft.report.bestEpoch,
      decision: draft.decision
    ).json()
  }

  /// The alias must still be where the decision found it.
  private func expectation(_ draft: any FineTunedDraft) throws -> AliasExpectation {
    let specification = draft.specification
    // Publishing has pinned 'stable'; another alias may not exist yet.
    if specification.alias == AliasDocument.stable {
      return .version(draft.decision.baselineVersion)
    }
    let model = repository.snapshot.models.first { $0.name == specification.model }
    guard model?.aliases.contains(where: { $0.document.name == specification.alias }) == true
    else { return .version(nil) }
    return .version(draft.decision.baselineVersion)
  }

  // MARK: - Errors

  /// Turns what the parts throw into a job's failure.
  private func explained<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch TrainingError.stopped {
      throw JobInterruption()
    } catch let error as FineTuningError {
      throw JobFailure(code: "cannot_fine_tune", message: "\(error)")
    } catch let error as GraphError {
      throw JobFailure(code: "cannot_fine_tune", message: "\(error)")
    } catch let error as ReinforcementError {
      throw JobFailure(code: "cannot_fine_tune", message: "\(error)")
    } catch let error as TrainingError {
      let code = if case .lossNotFinite = error { "training_diverged" } else { "training_failed" }
      throw JobFailure(code: code, message: "\(error)")
    } catch let error as ServiceError {
      let code = error.status == .notFound ? "model_unavailable" : "cannot_fine_tune"
      throw JobFailure(code: code, message: error.message, param: "model")
    }
  }
}

import GraphIR
import Jobs
import Tensors
import Training

// Jobs for models of sequences and captions: other examples and graphs, the same steps.
extension FineTuningExecutor {
  /// A job's version, examples and training, ready to run.
  private struct Prepared {
    let base: SequenceBaseVersion
    let examples: SequenceTuningExamples
    let tuning: SequenceTuning
  }

  func validateSequences(
    _ specification: FineTuningSpecification,
    _ context: JobContext
  ) throws {
    let prepared = try prepared(specification, checkpoint: nil, context, nil)
    try tellValidated(
      prepared.tuning,
      training: prepared.examples.counts.training,
      heldOut: prepared.examples.counts.heldOut,
      warnings: prepared.examples.warnings,
      context
    )
  }

  func runSequences(
    _ specification: FineTuningSpecification,
    _ job: JobRecord,
    _ context: JobContext
  ) throws -> [UInt8] {
    let checkpoint = "\(try context.folder())/checkpoint.npz"
    let control = TrainingControl()
    let prepared = try prepared(specification, checkpoint: checkpoint, context, control)
    let report = try train(prepared.tuning, checkpoint, job, context, control)
    let decision = try decided(context) {
      try judge(specification, prepared, report, context, control)
    }
    let draft = SequenceVersionDraft(
      specification: specification,
      job: job.id,
      base: prepared.base,
      digest: prepared.examples.digest,
      options: prepared.tuning.options,
      report: report,
      decision: decision
    )
    return try publish(draft, context)
  }

  private func prepared(
    _ specification: FineTuningSpecification,
    checkpoint: String?,
    _ context: JobContext,
    _ control: TrainingControl?
  ) throws -> Prepared {
    let base = try base(of: specification, repository.sequenceBaseVersion)
    let examples = try SequenceTuningExamples(
      specification,
      base,
      files: files,
      limits: settings.exampleLimits
    )
    guard examples.counts.training > 0 else {
      throw TrainingError.data("all examples are held out: there is none to train on")
    }
    let options = specification.options(
      outputCount: 0,
      exampleCount: examples.counts.training,
      settings: settings,
      checkpoint: checkpoint,
      yield: yielding(context, control)
    )
    let tuning = try SequenceTuning(
      base.network,
      base.objective,
      options: options,
      batches: try examples.trainingBatches(size: options.batchSize, seed: specification.seed),
      validation: try examples.heldOutBatches()
    )
    return Prepared(base: base, examples: examples, tuning: tuning)
  }

  /// Measures the new version and the present one on the held-out examples.
  private func judge(
    _ specification: FineTuningSpecification,
    _ prepared: Prepared,
    _ report: FineTuningReport,
    _ context: JobContext,
    _ control: TrainingControl
  ) throws -> PromotionDecision {
    let present = presentVersion(specification)
    var metrics: [String: Double]?
    var baseline: [String: Double]?
    if let heldOut = try prepared.examples.heldOutBatches() {
      func measure(
        _ network: SequenceNetwork,
        weights: [String: Tensor] = [:]
      ) throws -> [String: Double] {
        let found = try SequenceTuning.measure(
          network,
          prepared.base.objective,
          weights: weights,
          heldOut,
          threads: settings.threads,
          control: control,
          yield: yielding(context, control)
        )
        return ["loss": found.loss].merging(found.accuracy.map { ["accuracy": $0] } ?? [:]) { $1 }
      }
      metrics = try measure(prepared.base.network, weights: report.weights)
      do {
        if let present {
          let version =
            present == prepared.base.number
            ? prepared.base : try repository.sequenceBaseVersion(specification.model, present)
          if version.isComparable(with: prepared.base) {
            baseline = try measure(version.network)
          }
        }
      } catch TrainingError.stopped {
        throw TrainingError.stopped
      } catch {
        try tellUnmeasured(present, error, context)
      }
    }
    return PromotionDecision(
      specification,
      metrics: metrics,
      baseline: baseline,
      baselineVersion: present,
      chance: nil
    )
  }
}

import GraphIR
import Tensors
import Training

// Jobs for models of sequences and captions: other examples and graphs, the same steps.
extension FineTuningExecutor {
  /// A job for a model of sequences or captions: a training on texts, judged by those held out.
  func preparedSequences(_ attempt: JobAttempt) throws -> PreparedJob {
    let specification = attempt.specification
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
      checkpoint: attempt.checkpoint,
      yield: yielding(attempt)
    )
    return PreparedJob(
      tuning: try SequenceTuning(
        base.network,
        base.objective,
        options: options,
        batches: try examples.trainingBatches(size: options.batchSize, seed: specification.seed),
        validation: try examples.heldOutBatches()
      ),
      trainingCount: examples.counts.training,
      heldOutCount: examples.counts.heldOut,
      warnings: examples.warnings,
      judge: { try self.judge(attempt, base, examples, $0) },
      draft: {
        SequenceVersionDraft(
          specification: specification,
          job: attempt.job,
          base: base,
          digest: examples.digest,
          options: options,
          report: $0,
          decision: $1
        )
      }
    )
  }

  /// Measures the new version and the present one on the held-out examples.
  private func judge(
    _ attempt: JobAttempt,
    _ base: SequenceBaseVersion,
    _ examples: SequenceTuningExamples,
    _ report: FineTuningReport
  ) throws -> PromotionDecision {
    let specification = attempt.specification
    let present = presentVersion(specification)
    var metrics: [String: Double]?
    var baseline: [String: Double]?
    if let heldOut = try examples.heldOutBatches() {
      func measure(
        _ network: SequenceNetwork,
        weights: [String: Tensor] = [:]
      ) throws -> [String: Double] {
        let found = try SequenceTuning.measure(
          network,
          base.objective,
          weights: weights,
          heldOut,
          threads: settings.threads,
          control: attempt.control,
          yield: yielding(attempt)
        )
        return ["loss": found.loss].merging(found.accuracy.map { ["accuracy": $0] } ?? [:]) { $1 }
      }
      metrics = try measure(base.network, weights: report.weights)
      do {
        if let present {
          let version =
            present == base.number
            ? base : try repository.sequenceBaseVersion(specification.model, present)
          if version.isComparable(with: base) {
            baseline = try measure(version.network)
          }
        }
      } catch TrainingError.stopped {
        throw TrainingError.stopped
      } catch {
        try tellUnmeasured(present, error, attempt.context)
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

import Jobs
import ONNXFormat
import Reinforcement
import Tensors
import Training

// Jobs for policies: transitions instead of examples, episodes instead of held-out answers, the same steps.
extension FineTuningExecutor {
  /// A job's version, transitions and training, ready to run.
  private struct Prepared {
    let base: AgentBaseVersion
    let examples: AgentExamples
    let tuning: AgentTuning
  }

  func validateAgent(_ specification: FineTuningSpecification, _ context: JobContext) throws {
    let prepared = try prepared(specification, checkpoint: nil, context, nil)
    try tellValidated(
      prepared.tuning,
      training: prepared.examples.training.count,
      heldOut: prepared.examples.heldOut.count,
      warnings: [],
      context
    )
  }

  func runAgent(
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
    let draft = AgentVersionDraft(
      specification: specification,
      job: job.id,
      base: prepared.base,
      examples: prepared.examples,
      tuning: prepared.tuning,
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
    let base = try base(of: specification, repository.agentBaseVersion)
    let examples = try AgentExamples(specification, base, files: files, settings: settings)
    let tuning = try AgentTuning(
      specification,
      base,
      examples,
      settings: settings,
      checkpoint: checkpoint,
      yield: yielding(context, control)
    )
    return Prepared(base: base, examples: examples, tuning: tuning)
  }

  /// Measures the new version and the present one: by the same episodes, and on the held-out transitions.
  private func judge(
    _ specification: FineTuningSpecification,
    _ prepared: Prepared,
    _ report: FineTuningReport,
    _ context: JobContext,
    _ control: TrainingControl
  ) throws -> PromotionDecision {
    let present = presentVersion(specification)
    let episodes = prepared.tuning.hyperparameters.evaluationEpisodes ?? 1
    let environment = prepared.base.environment
    func measure(
      _ version: AgentBaseVersion,
      weights: [String: Tensor] = [:]
    ) throws -> [String: Double] {
      let judge = try AgentJudge(
        version.network.servingGraph(weights: weights),
        valuesName: version.manifest.roles["q_values"] ?? QNetwork.valuesName,
        version.format,
        threads: settings.threads,
        control: control,
        yield: yielding(context, control)
      )
      var metrics: [String: Double] = [:]
      if !prepared.examples.heldOut.isEmpty {
        metrics[FineTuningSpecification.Metric.temporalError.rawValue] = try judge.temporalError(
          prepared.examples.batch,
          rows: prepared.examples.heldOut,
          discount: specification.discount(of: prepared.base)
        )
      }
      if let environment {
        metrics[FineTuningSpecification.Metric.meanReturn.rawValue] = try judge.meanReturn(
          in: environment,
          episodes: episodes,
          seed: specification.seed
        )
      }
      return metrics
    }
    let metrics = try measure(prepared.base, weights: report.weights)
    var baseline: [String: Double]?
    do {
      if let present {
        let version =
          present == prepared.base.number
          ? prepared.base : try repository.agentBaseVersion(specification.model, present)
        let isComparable =
          version.format.sizes == prepared.base.format.sizes
          && version.format.actions == prepared.base.format.actions
        if isComparable { baseline = try measure(version) }
      }
    } catch TrainingError.stopped {
      throw TrainingError.stopped
    } catch {
      try tellUnmeasured(present, error, context)
    }
    var decision = PromotionDecision(
      specification,
      metrics: metrics.isEmpty ? nil : metrics,
      baseline: baseline,
      baselineVersion: present,
      chance: nil
    )
    if let environment, specification.promote == .ifBetter {
      decision.reason +=
        ", by \(episodes) episodes of \(environment.specification.name) with the same seeds"
    }
    return decision
  }
}

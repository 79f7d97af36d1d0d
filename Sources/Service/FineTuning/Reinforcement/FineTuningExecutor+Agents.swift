import ONNXFormat
import Reinforcement
import Tensors
import Training

// Jobs for policies: transitions instead of examples, episodes instead of held-out answers, the same steps.
extension FineTuningExecutor {
  /// A job for a policy: a training on transitions, judged by episodes and by those held out.
  func preparedAgent(_ attempt: JobAttempt) throws -> PreparedJob {
    let specification = attempt.specification
    let base = try base(of: specification, repository.agentBaseVersion)
    let examples = try AgentExamples(specification, base, files: files, settings: settings)
    let tuning = try AgentTuning(
      specification,
      base,
      examples,
      settings: settings,
      checkpoint: attempt.checkpoint,
      yield: yielding(attempt)
    )
    return PreparedJob(
      tuning: tuning,
      trainingCount: examples.training.count,
      heldOutCount: examples.heldOut.count,
      judge: { try self.judge(attempt, base, examples, tuning, $0) },
      draft: {
        AgentVersionDraft(
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

  /// Measures the new version and the present one: by the same episodes, and on the held-out transitions.
  private func judge(
    _ attempt: JobAttempt,
    _ base: AgentBaseVersion,
    _ examples: AgentExamples,
    _ tuning: AgentTuning,
    _ report: FineTuningReport
  ) throws -> PromotionDecision {
    let specification = attempt.specification
    let present = presentVersion(specification)
    let episodes = tuning.hyperparameters.evaluationEpisodes ?? 1
    let environment = base.environment
    func measure(
      _ version: AgentBaseVersion,
      weights: [String: Tensor] = [:]
    ) throws -> [String: Double] {
      let judge = try AgentJudge(
        version.network.servingGraph(weights: weights),
        valuesName: version.manifest.roles["q_values"] ?? QNetwork.valuesName,
        version.format,
        threads: settings.threads,
        control: attempt.control,
        yield: yielding(attempt)
      )
      var metrics: [String: Double] = [:]
      if !examples.heldOut.isEmpty {
        metrics[FineTuningSpecification.Metric.temporalError.rawValue] = try judge.temporalError(
          examples.batch,
          rows: examples.heldOut,
          discount: specification.discount(of: base)
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
    let metrics = try measure(base, weights: report.weights)
    var baseline: [String: Double]?
    do {
      if let present {
        let version =
          present == base.number
          ? base : try repository.agentBaseVersion(specification.model, present)
        let isComparable =
          version.format.sizes == base.format.sizes
          && version.format.actions == base.format.actions
        if isComparable { baseline = try measure(version) }
      }
    } catch TrainingError.stopped {
      throw TrainingError.stopped
    } catch {
      try tellUnmeasured(present, error, attempt.context)
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

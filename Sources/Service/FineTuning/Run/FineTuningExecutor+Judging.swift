import Datasets
import Jobs
import Tensors
import Training

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

// How a trained version is measured beside the one that the alias points to.
extension FineTuningExecutor {
  private static let decisionMark = "decision"

  /// Whether the new version takes over: what a job has decided already, or what `judge` says now.
  ///
  /// Once decided it holds, also where the job goes on after a crash.
  ///
  /// - Throws: `TrainingError.stopped` where a stop is requested meanwhile; what the engine throws.
  func decided(
    _ context: JobContext,
    _ judge: () throws -> PromotionDecision
  ) throws -> PromotionDecision {
    if let bytes = try context.mark(Self.decisionMark) {
      return try JSONDecoder().decode(PromotionDecision.self, from: Data(bytes))
    }
    let decision = try judge()
    try context.mark(Self.decisionMark, Array(try JSONEncoder().encode(decision)))
    return decision
  }

  /// Measures the new version and the present one on the held-out examples.
  func judge(
    _ attempt: JobAttempt,
    _ base: BaseVersion,
    _ examples: FineTuningExamples,
    _ tuning: FineTuning,
    _ report: FineTuningReport
  ) throws -> PromotionDecision {
    let specification = attempt.specification
    let present = presentVersion(specification)
    var metrics: [String: Double]?
    var baseline: [String: Double]?
    var chance: Double?
    if let heldOut = examples.heldOut {
      func measure(
        _ model: FineTunableModel,
        weights: [String: Tensor] = [:]
      ) throws -> [String: Double] {
        try HeldOutEvaluator(
          model,
          task: specification.task,
          weights: weights,
          threads: settings.threads,
          yield: yielding(attempt)
        ).evaluate(heldOut, control: attempt.control).named
      }
      metrics = try measure(tuning.model, weights: report.weights)
      do {
        if let present, let version = try comparable(present, specification, base, examples) {
          baseline = try measure(version.model)
        } else {
          chance = PromotionDecision.chance(
            of: heldOut,
            classCount: examples.outputCount,
            metric: specification.gate.metric
          )
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
      chance: chance
    )
  }

  /// Warns that the present version cannot be compared with.
  func tellUnmeasured(
    _ version: Int?,
    _ error: any Error,
    _ context: JobContext
  ) throws {
    let text = "Version \(version ?? 0) cannot be measured on the held-out examples: \(error)"
    try context.emit(.init(text, level: .warn))
  }

  /// The version that the alias points to, or that answers where the model has no such alias.
  func presentVersion(_ specification: FineTuningSpecification) -> Int? {
    let model = repository.snapshot.models.first { $0.name == specification.model }
    let alias = model?.aliases.first { $0.document.name == specification.alias }
    return alias?.document.version ?? model?.serving?.version
  }

  /// The version that a new one is compared with; nil where it answers something else.
  private func comparable(
    _ number: Int,
    _ specification: FineTuningSpecification,
    _ base: BaseVersion,
    _ examples: FineTuningExamples
  ) throws -> BaseVersion? {
    let version =
      number == base.number ? base : try repository.baseVersion(specification.model, number)
    guard (version.objective ?? specification.objective) == specification.objective else {
      return nil
    }
    let isSame =
      specification.objective == .regression
      ? version.model.classCount == examples.outputCount : version.labels == examples.labels
    return isSame ? version : nil
  }
}

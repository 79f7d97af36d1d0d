import Glibc
import Tensors
import Datasets
import Training

/// Whether a new version takes over, and why: what it and the present version reach on the held-out examples.
struct PromotionDecision: Codable, Equatable {
  /// Of the new version, by name; empty where nothing was held out.
  var metrics: [String: Double]
  /// Of the version that the alias points to; nil where the two cannot be compared.
  var baseline: [String: Double]?
  /// The version that the alias pointed to.
  var baselineVersion: Int?
  var promotes: Bool
  var reason: String

  /// Applies a job's gate.
  ///
  /// - Parameters:
  ///   - specification: the job's, with `promote` and `gate`.
  ///   - metrics: of the new version; nil where nothing was held out.
  ///   - baseline: of the present version; nil where it cannot be measured on these examples.
  ///   - baselineVersion: the present version.
  ///   - chance: where the present version answers something else, the same metric of always answering the most frequent class; nil for
  ///     others than classifications.
  init(
    _ specification: FineTuningSpecification,
    metrics: [String: Double]?,
    baseline: [String: Double]?,
    baselineVersion: Int?,
    chance: Double?
  ) {
    // JSON has no others, and nothing is better or worse than they are.
    let finite = metrics?.filter(\.value.isFinite)
    self.metrics = finite ?? [:]
    self.baseline = baseline?.filter(\.value.isFinite)
    self.baselineVersion = baselineVersion
    (promotes, reason) = Self.judge(specification, finite, self.baseline, chance)
  }

  private static func judge(
    _ specification: FineTuningSpecification,
    _ metrics: [String: Double]?,
    _ baseline: [String: Double]?,
    _ chance: Double?
  ) -> (Bool, String) {
    switch specification.promote {
    case .always: return (true, "promote is 'always'")
    case .never: return (false, "promote is 'never'")
    case .ifBetter: break
    }
    let gate = specification.gate
    let metric = gate.metric.rawValue
    guard let value = metrics?[metric] else {
      return (
        false,
        metrics == nil
          ? "no examples were held out to compare on"
          : "the held-out examples give no finite number for '\(metric)'"
      )
    }
    // Larger is better from here on.
    let sign = gate.metric.isHigherBetter ? 1.0 : -1.0
    let shown = TrainingReporter.short(value)
    if let bound = gate.bound, sign * value < sign * bound {
      return (false, "\(metric) \(shown) does not reach \(bound)")
    }
    if let present = baseline?[metric] {
      let change = sign * (value - present)
      let isBetter =
        (change > 0 || change == 0 && gate.metric.allowsEqual) && change >= gate.minimumChange
      return (
        isBetter,
        "\(metric) \(shown) beside \(TrainingReporter.short(present)) of the present version"
      )
    }
    guard let chance else {
      return (gate.bound != nil, "the present version cannot be measured on these examples")
    }
    return (
      sign * value > sign * chance,
      "\(metric) \(shown) beside \(TrainingReporter.short(chance)) of always answering the most frequent label; the present version knows other labels"
    )
  }

  /// What always answering the most frequent class, with the classes' shares as probabilities, reaches.
  static func chance(
    of data: Dataset,
    classCount: Int,
    metric: FineTuningSpecification.Metric
  ) -> Double? {
    guard data.labels.dtype == .int64, data.count > 0, classCount > 0 else { return nil }
    var counts = [Double](repeating: 0, count: classCount)
    for label in data.labels.elements(of: Int64.self) where counts.indices.contains(Int(label)) {
      counts[Int(label)] += 1
    }
    let shares = counts.map { $0 / Double(data.count) }
    switch metric {
    case .accuracy: return shares.max()
    case .loss: return shares.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
    case .meanAbsoluteError, .meanReturn, .temporalError: return nil
    }
  }
}

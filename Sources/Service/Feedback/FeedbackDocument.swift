import Datasets

/// What `GET /v1/models/{model}/feedback` answers.
enum FeedbackDocument {
  static func json(_ model: String, _ summary: FeedbackSummary) -> JSONValue {
    let statistics = summary.statistics
    let versions = Set(statistics.accuracy.versions.keys).union(
      statistics.squaredError.versions.keys
    )
    return [
      "model": .string(model),
      "count": JSONValue(summary.count),
      "total": JSONValue(statistics.count),
      "waiting": JSONValue(summary.waitingCount),
      "accuracy": means(statistics.accuracy.all),
      "mean_squared_error": means(statistics.squaredError.all),
      "versions": .array(versions.sorted(by: >).map { version(statistics, $0) }),
      "labels": .object(
        ClassNames.sorted(Array(summary.labels.keys)).map {
          JSONValue.Member($0, JSONValue(summary.labels[$0]))
        }
      ),
    ]
  }

  private static func version(_ statistics: FeedbackStatistics, _ version: Int) -> JSONValue {
    let accuracy = statistics.accuracy.versions[version] ?? ProgressiveScore()
    let squaredError = statistics.squaredError.versions[version] ?? ProgressiveScore()
    return [
      "version": JSONValue(version),
      "count": JSONValue(accuracy.count + squaredError.count),
      "accuracy": means(accuracy),
      "mean_squared_error": means(squaredError),
    ]
  }

  /// The mean of each window; null where there are no outcomes.
  private static func means(_ score: ProgressiveScore) -> JSONValue {
    if score.count == 0 { return .null }
    return .object(score.windows.map { JSONValue.Member("\($0.name)", .number($0.mean)) })
  }
}

/// The feedback of all models in `GET /metrics`.
enum FeedbackMetrics {
  static func append(
    _ summaries: [(model: String, summary: FeedbackSummary)],
    _ text: inout PrometheusText
  ) {
    text.family("martlet_feedback_total", .counter, "Rows whose true answer was told.")
    for (model, summary) in summaries {
      text.sample([("model", model)], UInt64(summary.statistics.count))
    }
    text.family("martlet_feedback_rows", .gauge, "Rows kept for training.")
    for (model, summary) in summaries { text.sample([("model", model)], UInt64(summary.count)) }
    text.family(
      "martlet_feedback_waiting_rows",
      .gauge,
      "Predicted rows in memory whose true answer may still be told."
    )
    for (model, summary) in summaries {
      text.sample([("model", model)], UInt64(summary.waitingCount))
    }
    text.family(
      "martlet_feedback_accuracy_ratio",
      .gauge,
      "Share of told rows that were predicted right, of all and of the newest 100 and 1000."
    )
    appendScores(summaries.map { ($0, $1.statistics.accuracy) }, &text)
    text.family(
      "martlet_feedback_squared_error_mean",
      .gauge,
      "Mean squared error of told rows, of all and of the newest 100 and 1000."
    )
    appendScores(summaries.map { ($0, $1.statistics.squaredError) }, &text)
  }

  private static func appendScores(
    _ scores: [(model: String, scores: ScoresByVersion)],
    _ text: inout PrometheusText
  ) {
    for (model, scores) in scores {
      for (version, score) in scores.versions.sorted(by: { $0.key < $1.key }) {
        for (window, mean) in score.windows {
          text.sample(
            [("model", model), ("version", String(version)), ("window", "\(window)")],
            mean
          )
        }
      }
    }
  }
}

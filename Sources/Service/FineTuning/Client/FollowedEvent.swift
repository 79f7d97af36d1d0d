import HTTP

/// What a client hears while it follows a job.
package enum FollowedEvent: Equatable, Sendable {
  /// Something worth a line; the level is `info`, `warn` or `error`.
  case message(level: String, String)
  /// Numbers of the training.
  case metrics(TrainingMetrics)
  /// The connection broke: the next attempt is made after a pause.
  case reconnecting(attempt: Int, seconds: Double, ClientProblem)

  /// Reads an event of the stream; nil for one of a kind that is not known.
  init?(_ event: ServerSentEvent, _ document: JSONValue) {
    switch event.event ?? document["type"]?.text ?? "message" {
    case "metrics": self = .metrics(TrainingMetrics(document["data"] ?? .null))
    case "message":
      self = .message(
        level: document["level"]?.text ?? "info",
        document["message"]?.text ?? ""
      )
    default: return nil
    }
  }
}

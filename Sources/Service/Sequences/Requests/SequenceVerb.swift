import HTTP
import ONNXFormat

/// What a client wants of a sequence model: the word behind the colon, or V2's last segment.
enum SequenceVerb {
  case sequence
  case caption
  case generate
  case generateStream

  /// The model's host for sequences.
  ///
  /// - Throws: `ServiceError` 409 where the model's task has another route, with that route.
  func sequences(of host: ModelHost) throws(ServiceError) -> SequenceHost {
    guard let sequences = host.sequences else {
      throw ServiceError(
        .conflict,
        "model '\(host.name)' answers no sequences or captions: use POST /v1/models/\(host.name):predict"
      )
    }
    let task = sequences.backend.task
    let isRight =
      switch self {
      case .sequence, .caption: task.verb == name
      case .generate, .generateStream: task.source == .text && task.hasTargetText
      }
    guard isRight else { throw Self.wrongVerb(host, task) }
    return sequences
  }

  /// Refuses a prediction of a model that answers sequences.
  static func refusePrediction(of host: ModelHost) throws(ServiceError) {
    if let sequences = host.sequences { throw wrongVerb(host, sequences.backend.task) }
  }

  private static func wrongVerb(_ host: ModelHost, _ task: SequenceTask) -> ServiceError {
    ServiceError(
      .conflict,
      "the task of model '\(host.name)' is \(task.rawValue): use POST /v1/models/\(host.name):\(task.verb)"
    )
  }

  private var name: String { self == .caption ? "caption" : "sequence" }
}

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
    guard let sequences = host.sequences else { throw host.wrongRoute }
    let task = sequences.backend.task
    let isRight =
      switch self {
      case .sequence, .caption: task.verb == name
      case .generate, .generateStream: task.source == .text && task.hasTargetText
      }
    guard isRight else { throw host.wrongRoute }
    return sequences
  }

  private var name: String { self == .caption ? "caption" : "sequence" }
}

/// What a model of sequences does: the value of `task` in its `model.json`.
package enum SequenceTask: String, CaseIterable, Sendable {
  /// Continues a text.
  case textGeneration = "text-generation"
  /// Turns a text into another one: encoder and decoder.
  case translation
  /// Describes a picture: encoder and decoder.
  case imageCaptioning = "image-captioning"
  /// One label for a text.
  case textClassification = "text-classification"
  /// One label for every token of a text.
  case tokenClassification = "token-classification"
  /// Continues a series of numbers.
  case forecasting

  /// Whether graph `main` is a decoder: it is stepped, and carries states from step to step.
  package var isDecoded: Bool { self != .textClassification && self != .tokenClassification }

  /// Whether a graph `encoder` turns the source into what the decoder reads.
  package var hasEncoder: Bool { self == .translation || self == .imageCaptioning }

  /// Whether replies are text.
  package var hasTargetText: Bool {
    self == .textGeneration || self == .translation || self == .imageCaptioning
  }

  /// Whether the source is text with a vocabulary of its own.
  package var hasSourceText: Bool { self == .translation || !isDecoded }
}

extension ModelManifest {
  /// The task, where it is one of sequences; `nil` for all others.
  package var sequenceTask: SequenceTask? { SequenceTask(rawValue: task) }
}

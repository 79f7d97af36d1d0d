package import ONNXFormat

extension SequenceTask {
  /// What an instance of the task is.
  package enum Source: Sendable {
    case text
    case series
    case image

    /// In words, for messages.
    var description: String {
      switch self {
      case .text: "a string"
      case .series: "a list of numbers"
      case .image: "an image, {\"b64\": \"...\"} of a PNG or JPEG file or nested lists of pixels"
      }
    }

    /// An instance in a request, for examples.
    var example: String {
      switch self {
      case .text: "\"some text\""
      case .series: "[1.5, 2.5, 3.5]"
      case .image: "{\"b64\": \"...\"}"
      }
    }
  }

  /// What the task reads.
  package var source: Source {
    switch self {
    case .textGeneration, .translation, .textClassification, .tokenClassification: .text
    case .forecasting: .series
    case .imageCaptioning: .image
    }
  }

  /// The word behind the colon of its route.
  package var verb: String { self == .imageCaptioning ? "caption" : "sequence" }
}

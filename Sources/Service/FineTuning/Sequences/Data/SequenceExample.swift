import ONNXFormat

/// One example for a sequence model, as its file has it.
enum SequenceExample: Equatable {
  /// A text to be continued like it.
  case text(String)
  /// A text and what becomes of it.
  case pair(source: String, target: String)
  /// A text and its class, by name or position.
  case labelled(String, JSONValue)
  /// Tokens and the label of each.
  case tagged([String], labels: [String])
  /// Values in the order of time.
  case series([Float])
  /// The bytes of a picture file and texts that describe it.
  case picture([UInt8], captions: [String])
}

extension SequenceTask {
  /// The keys of an example as a JSON object, or the columns of a table, in their order.
  var exampleKeys: [String] {
    switch self {
    case .textGeneration: ["text"]
    case .translation: ["source", "target"]
    case .textClassification: ["text", "label"]
    case .tokenClassification: ["tokens", "labels"]
    case .forecasting: ["series"]
    case .imageCaptioning: []
    }
  }

  /// What a file of examples may be, for messages.
  var exampleFormats: String {
    switch self {
    case .textGeneration: "plain text, or JSONL of {\"text\": ...}"
    case .translation: "JSONL of {\"source\": ..., \"target\": ...}, or CSV or TSV of these columns"
    case .textClassification:
      "JSONL of {\"text\": ..., \"label\": ...}, or CSV or TSV of these columns"
    case .tokenClassification:
      "JSONL of {\"tokens\": [...], \"labels\": [...]}, or a token and its label on each line with an empty line behind each text"
    case .forecasting:
      "CSV with the values in the last column, or JSONL of lists or {\"series\": [...]}"
    case .imageCaptioning:
      "a .tar of NAME.jpg or NAME.png beside NAME.txt with a caption on each line"
    }
  }
}

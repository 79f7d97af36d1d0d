/// What all feedback of a model says so far, in the order in which it came.
struct FeedbackStatistics: Sendable, Equatable {
  /// Rows that were told.
  private(set) var count = 0
  /// 1 where a row's class was predicted, else 0.
  private(set) var accuracy = ScoresByVersion()
  /// The mean over a row's values of (predicted - true)^2.
  private(set) var squaredError = ScoresByVersion()

  /// Nothing yet.
  init() {}

  /// Adds a row.
  mutating func add(_ record: FeedbackRecord) {
    count += 1
    switch (record.predicted, record.truth) {
    case (.label(let predicted), .label(let truth)):
      accuracy.add(
        predicted.utf8.elementsEqual(truth.utf8) ? 1 : 0,
        version: record.version
      )
    case (.values(let predicted), .values(let truth)) where predicted.count == truth.count:
      let errors = zip(predicted, truth).map {
        (Double($0) - Double($1)) * (Double($0) - Double($1))
      }
      let mean = errors.reduce(0, +) / Double(max(errors.count, 1))
      // One answer that is no number must not make all means so.
      if mean.isFinite { squaredError.add(mean, version: record.version) }
    default: break
    }
  }

  /// The first byte of an encoded one.
  private static let kind: UInt8 = 0

  /// Its bytes, with which every file of records begins: 0 and a JSON object.
  var encoded: [UInt8] {
    let json: JSONValue = [
      "count": JSONValue(count), "accuracy": accuracy.json, "squared_error": squaredError.json,
    ]
    return [Self.kind] + json.bytes
  }

  /// What `encoded` wrote, without the newest outcomes; nil for anything else.
  init?(_ bytes: [UInt8]) {
    guard bytes.first == Self.kind,
      let json = try? bytes[1...].withUnsafeBytes({ try JSONValueReader.read($0) }),
      case .number(let number)? = json["count"], let count = Int(exactly: number), count >= 0,
      let accuracy = ScoresByVersion(json["accuracy"]),
      let squaredError = ScoresByVersion(json["squared_error"])
    else { return nil }
    self.count = count
    self.accuracy = accuracy
    self.squaredError = squaredError
  }
}

/// The feedback of a model at one moment.
struct FeedbackSummary: Sendable, Equatable {
  var statistics = FeedbackStatistics()
  /// Rows kept on disk.
  var count = 0
  /// How many of them have each label.
  var labels: [String: Int] = [:]
  /// Predicted rows in memory whose answer may still be told.
  var waitingCount = 0
}

/// A running mean of how well each row was predicted before its true answer was known: progressive (prequential) evaluation,
/// mean_t(outcome_t) with outcome 1 or 0 for right or wrong, or a squared error.
///
/// Dawid, "Present position and potential developments", 1984; Gama, Sebastiao and Rodrigues, "On evaluating stream learning
/// algorithms", 2013.
struct ProgressiveScore: Sendable, Equatable {
  /// Outcomes so far.
  private(set) var count = 0
  /// Their sum.
  private(set) var sum = 0.0
  /// The newest outcomes, `position` being the oldest once there are `windowMax`.
  private var recent: [Float] = []
  private var position = 0

  /// The largest window.
  static let windowMax = 1000
  /// The small one.
  static let windowSmall = 100

  init() {}

  /// One that goes on from a count and a sum, without the outcomes they came of.
  init(count: Int, sum: Double) {
    self.count = count
    self.sum = sum
  }

  /// Adds an outcome.
  mutating func add(_ outcome: Double) {
    count += 1
    sum += outcome
    if recent.count < Self.windowMax {
      recent.append(Float(outcome))
    } else {
      recent[position] = Float(outcome)
      position = (position + 1) % Self.windowMax
    }
  }

  /// The mean of all; nil where there are none.
  var mean: Double? { count > 0 ? sum / Double(count) : nil }

  /// The mean of the newest, of fewer where there are fewer; after a start, of those that are still kept.
  func mean(newest: Int) -> Double? {
    let length = min(newest, recent.count)
    guard length > 0 else { return nil }
    let end = position + recent.count
    let window = (end - length..<end).map { Double(recent[$0 % recent.count]) }
    return window.reduce(0, +) / Double(length)
  }

  /// The means by the name of their window.
  var windows: [(name: StaticString, mean: Double)] {
    [
      ("total", mean), ("last_100", mean(newest: Self.windowSmall)),
      ("last_1000", mean(newest: Self.windowMax)),
    ].compactMap { name, mean in mean.map { (name, $0) } }
  }
}

/// Scores of a model and of each of its versions.
struct ScoresByVersion: Sendable, Equatable {
  private(set) var all = ProgressiveScore()
  private(set) var versions: [Int: ProgressiveScore] = [:]

  /// Versions that have a score of their own, the newest.
  static let versionCountMax = 100

  init() {}

  /// Adds an outcome of a version.
  mutating func add(_ outcome: Double, version: Int) {
    all.add(outcome)
    versions[version, default: ProgressiveScore()].add(outcome)
    if versions.count > Self.versionCountMax, let oldest = versions.keys.min() {
      versions[oldest] = nil
    }
  }

  /// Counts and sums, to go on from after a start.
  var json: JSONValue {
    [
      "count": JSONValue(all.count), "sum": .number(all.sum),
      "versions": .array(
        versions.sorted { $0.key < $1.key }.map {
          [
            "version": JSONValue($0.key), "count": JSONValue($0.value.count),
            "sum": .number($0.value.sum),
          ]
        }
      ),
    ]
  }

  /// What `json` wrote; nil for anything else.
  init?(_ json: JSONValue?) {
    guard let json, let all = ProgressiveScore(json),
      case .array(let elements)? = json["versions"], elements.count <= Self.versionCountMax
    else { return nil }
    self.all = all
    for element in elements {
      guard let score = ProgressiveScore(element), case .number(let number)? = element["version"],
        let version = Int(exactly: number)
      else { return nil }
      versions[version] = score
    }
  }
}

extension ProgressiveScore {
  fileprivate init?(_ json: JSONValue) {
    guard case .number(let number)? = json["count"], let count = Int(exactly: number), count >= 0,
      case .number(let sum)? = json["sum"], sum.isFinite
    else { return nil }
    self.init(count: count, sum: sum)
  }
}

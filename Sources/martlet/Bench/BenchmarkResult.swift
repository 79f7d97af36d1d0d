/// One row of `martlet bench`.
struct BenchmarkResult {
  /// What was measured, with its sizes.
  let name: String
  /// Median time of one run, in microseconds.
  let microseconds: Double
  /// Useful work, where the row is about arithmetic: multiply and add counted as two.
  var gigaflops: Double?
  /// Bytes read plus bytes written, where the row is about memory.
  var gigabytesPerSecond: Double?
  /// Tokens of all streams together, where the row is about decoding.
  var tokensPerSecond: Double?
  /// Steps of all environments together, where the row is about environments.
  var stepsPerSecond: Double?
  /// Share of the machine's peak, measured in the same minute: FMA peak or copy bandwidth.
  var shareOfPeak: Double?

  /// A row about arithmetic.
  static func flops(_ name: String, seconds: Double, work: Double, peak: Double) -> BenchmarkResult
  {
    BenchmarkResult(
      name: name,
      microseconds: seconds * 1e6,
      gigaflops: work / seconds / 1e9,
      shareOfPeak: work / seconds / peak
    )
  }

  /// A row about memory.
  static func bytes(_ name: String, seconds: Double, moved: Double, peak: Double) -> BenchmarkResult
  {
    BenchmarkResult(
      name: name,
      microseconds: seconds * 1e6,
      gigabytesPerSecond: moved / seconds / 1e9,
      shareOfPeak: moved / seconds / peak
    )
  }

  /// A row about decoding: `count` tokens in one step.
  static func tokens(_ name: String, seconds: Double, count: Int) -> BenchmarkResult {
    BenchmarkResult(
      name: name,
      microseconds: seconds * 1e6,
      tokensPerSecond: Double(count) / seconds
    )
  }

  /// A row about environments: one step.
  static func steps(_ name: String, seconds: Double) -> BenchmarkResult {
    BenchmarkResult(name: name, microseconds: seconds * 1e6, stepsPerSecond: 1 / seconds)
  }

  /// As an object of the JSON array that `--json` prints.
  var json: String {
    var fields = ["\"name\": \"\(name)\"", "\"time_us\": \(rounded(microseconds))"]
    if let gigaflops { fields.append("\"gflops\": \(rounded(gigaflops))") }
    if let gigabytesPerSecond { fields.append("\"gbps\": \(rounded(gigabytesPerSecond))") }
    if let tokensPerSecond { fields.append("\"tokens_per_second\": \(rounded(tokensPerSecond))") }
    if let stepsPerSecond { fields.append("\"steps_per_second\": \(rounded(stepsPerSecond))") }
    if let shareOfPeak { fields.append("\"share_of_peak\": \(rounded(shareOfPeak))") }
    return "{" + fields.joined(separator: ", ") + "}"
  }

  /// As a row of the table: name, time, rate, share.
  var row: [String] {
    var rate = ""
    if let gigaflops { rate = "\(rounded(gigaflops)) GFLOP/s" }
    if let gigabytesPerSecond { rate = "\(rounded(gigabytesPerSecond)) GB/s" }
    if let tokensPerSecond { rate = "\(Int(tokensPerSecond)) tokens/s" }
    if let stepsPerSecond { rate = "\(Int(stepsPerSecond)) steps/s" }
    return [
      name, "\(rounded(microseconds)) us", rate,
      shareOfPeak.map { "\(Int(($0 * 100).rounded())) %" } ?? "",
    ]
  }

  private func rounded(_ value: Double) -> Double {
    let digits = value < 1 ? 10_000.0 : value < 100 ? 100.0 : 10.0
    return (value * digits).rounded() / digits
  }
}

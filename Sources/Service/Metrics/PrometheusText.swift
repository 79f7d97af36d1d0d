import HTTP

/// Writes metrics in Prometheus' text format 0.0.4
/// (prometheus.io/docs/instrumenting/exposition_formats): families of samples, each family with a help and a type line.
struct PrometheusText: ~Copyable {
  /// What a family's numbers mean.
  enum Kind: String {
    /// Only grows; its name ends in `_total`.
    case counter
    case gauge
    case histogram
  }

  /// A label's name and value.
  typealias Label = (name: StaticString, value: String)

  private(set) var buffer = ByteBuffer()
  private var name = ""

  init() {}

  /// Begins a family: all its samples follow.
  mutating func family(_ name: String, _ kind: Kind, _ help: StaticString) {
    self.name = name
    buffer.append("# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n")
  }

  /// Writes a sample of the family.
  mutating func sample(_ labels: [Label], _ value: Double, suffix: StaticString = "") {
    beginSample(labels, suffix)
    append(value)
    buffer.append(0x0A)
  }

  /// Writes a sample of the family that is a whole number.
  mutating func sample(_ labels: [Label], _ value: UInt64, suffix: StaticString = "") {
    beginSample(labels, suffix)
    buffer.append(value.description)
    buffer.append(0x0A)
  }

  /// Writes all samples of a histogram, its values divided by `scale`.
  mutating func histogram(_ labels: [Label], _ histogram: StripedHistogram, scale: Double = 1) {
    var total: UInt64 = 0
    for (bucket, count) in histogram.counts.enumerated() {
      total += count
      let bound =
        bucket < histogram.bucketCount
        ? Self.text(Double(histogram.bound(bucket)) / scale) : "+Inf"
      sample(labels + [("le", bound)], total, suffix: "_bucket")
    }
    sample(labels, Double(histogram.sum) / scale, suffix: "_sum")
    sample(labels, total, suffix: "_count")
  }

  private mutating func beginSample(_ labels: [Label], _ suffix: StaticString) {
    buffer.append(name)
    buffer.append(suffix)
    for (index, label) in labels.enumerated() {
      buffer.append(index == 0 ? "{" : "," as StaticString)
      buffer.append(label.name)
      buffer.append("=\"" as StaticString)
      append(escaping: label.value)
      buffer.append(0x22)
    }
    if !labels.isEmpty { buffer.append(0x7D) }
    buffer.append(0x20)
  }

  /// Writes a label's value: backslash, quote and line feed are escaped, nothing else is special.
  private mutating func append(escaping value: String) {
    for byte in value.utf8 {
      switch byte {
      case 0x5C: buffer.append("\\\\" as StaticString)
      case 0x22: buffer.append("\\\"" as StaticString)
      case 0x0A: buffer.append("\\n" as StaticString)
      default: buffer.append(byte)
      }
    }
  }

  private mutating func append(_ value: Double) { buffer.append(Self.text(value)) }

  /// A number as Go's ParseFloat reads it.
  private static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return Int(exactly: value).map(String.init) ?? "\(value)"
  }
}

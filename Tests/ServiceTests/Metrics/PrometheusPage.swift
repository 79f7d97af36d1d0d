/// Reads the text format 0.0.4, as strictly as its description is: what a scraper would refuse, this does.
struct PrometheusPage {
  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  struct Sample: Hashable {
    let name: String
    let labels: [String: String]
  }

  /// The kind of each family.
  private(set) var kinds: [String: String] = [:]
  private(set) var samples: [Sample: Double] = [:]

  init(_ text: String) throws {
    guard text.hasSuffix("\n") else { throw Fault(description: "the last line does not end") }
    var helped: Set<String> = []
    var family = ""
    for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
      let words = line.split(separator: " ", maxSplits: 3).map(String.init)
      if line.hasPrefix("# HELP ") {
        guard words.count == 4, helped.insert(words[2]).inserted else {
          throw Fault(description: "help is missing or there twice: \(line)")
        }
        family = words[2]
      } else if line.hasPrefix("# TYPE ") {
        guard words.count == 4, words[2] == family, kinds[family] == nil,
          ["counter", "gauge", "histogram"].contains(words[3])
        else { throw Fault(description: "a type without its help: \(line)") }
        kinds[family] = words[3]
      } else {
        try add(line, family)
      }
    }
  }

  private mutating func add(_ line: Substring, _ family: String) throws {
    var rest = line
    let name = Self.name(&rest)
    let suffixes = kinds[family] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
    guard kinds[family] != nil, suffixes.contains(where: { family + $0 == name }) else {
      throw Fault(description: "a sample outside its family: \(line)")
    }
    var labels: [String: String] = [:]
    if rest.first == "{" {
      repeat {
        rest.removeFirst()
        let label = Self.name(&rest)
        guard rest.hasPrefix("=\"") else { throw Fault(description: "no value: \(line)") }
        rest.removeFirst(2)
        guard labels.updateValue(try Self.value(&rest), forKey: label) == nil else {
          throw Fault(description: "a label twice: \(line)")
        }
      } while rest.first == ","
      guard rest.first == "}" else { throw Fault(description: "no end of labels: \(line)") }
      rest.removeFirst()
    }
    guard rest.first == " ", let number = Self.number(rest.dropFirst()) else {
      throw Fault(description: "no number: \(line)")
    }
    guard samples.updateValue(number, forKey: Sample(name: name, labels: labels)) == nil else {
      throw Fault(description: "a sample twice: \(line)")
    }
  }

  private static func name(_ text: inout Substring) -> String {
    let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
    text = text.dropFirst(name.count)
    return String(name)
  }

  /// A label's value behind its opening quote, up to and with the closing one.
  private static func value(_ text: inout Substring) throws -> String {
    var value = ""
    while let character = text.popFirst() {
      switch character {
      case "\"": return value
      case "\\":
        switch text.popFirst() {
        case "\\": value.append("\\")
        case "\"": value.append("\"")
        case "n": value.append("\n")
        default: throw Fault(description: "an unknown escape")
        }
      default: value.append(character)
      }
    }
    throw Fault(description: "a value without end")
  }

  private static func number(_ text: Substring) -> Double? {
    switch text {
    case "+Inf": .infinity
    case "-Inf": -.infinity
    case "NaN": .nan
    default: Double(text)
    }
  }

  /// The number of a sample; nil where it is not there.
  subscript(_ name: String, _ labels: [String: String]) -> Double? {
    samples[Sample(name: name, labels: labels)]
  }

  /// The cumulative counts of a histogram by their bounds, the smallest first.
  func buckets(_ name: String, _ labels: [String: String]) -> [(bound: Double, count: Double)] {
    samples.compactMap { sample, count -> (bound: Double, count: Double)? in
      var others = sample.labels
      guard sample.name == name + "_bucket", let bound = others.removeValue(forKey: "le"),
        others == labels, let number = Self.number(bound[...])
      else { return nil }
      return (number, count)
    }.sorted { $0.bound < $1.bound }
  }
}

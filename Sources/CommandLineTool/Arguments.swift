/// A command's arguments, checked against its specification.
package struct Arguments: Sendable {
  /// Arguments by position, as many as the specification allows.
  package private(set) var positionals: [String] = []
  /// Whether `--help` or `-h` was among them: nothing else was checked then.
  package private(set) var wantsHelp = false
  private var values: [String: String] = [:]
  private let specification: CommandSpecification

  /// Reads the arguments behind the command's name; `--` ends the flags.
  ///
  /// - Throws: `UsageError` for an unknown flag (with the nearest known one), a value that is missing or not wanted,
  ///   a flag given twice, and positional arguments too many or too few.
  package init(
    _ arguments: some Sequence<String>,
    for specification: CommandSpecification
  ) throws(UsageError) {
    self.specification = specification
    let words = Array(arguments)
    let beforeEnd = words.prefix { $0 != "--" }
    if beforeEnd.contains("--help") || beforeEnd.contains("-h") {
      wantsHelp = true
      return
    }
    var rest = words[...]
    var flagsEnded = false
    while let word = rest.popFirst() {
      if flagsEnded || !word.hasPrefix("-") || word == "-" {
        positionals.append(word)
      } else if word == "--" {
        flagsEnded = true
      } else {
        try readFlag(word, &rest)
      }
    }
    try checkPositionals()
  }

  private mutating func readFlag(_ word: String, _ rest: inout ArraySlice<String>)
    throws(UsageError)
  {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let given = String(parts[0])
    guard let flag = specification.flags.first(where: { "--" + $0.name == given }) else {
      let known = specification.flags.map { "--" + $0.name } + ["--help"]
      throw UsageError("unknown flag \(given)\(Suggestion.text(for: given, among: known))")
    }
    guard values[flag.name] == nil else { throw UsageError("\(given) is there twice") }
    if flag.value == nil {
      guard parts.count == 1 else { throw UsageError("\(given) takes no value") }
      values[flag.name] = ""
    } else if parts.count == 2 {
      values[flag.name] = String(parts[1])
    } else if let value = rest.popFirst() {
      values[flag.name] = value
    } else {
      throw UsageError("\(given) needs a value: \(given) \(flag.value ?? "")")
    }
  }

  private func checkPositionals() throws(UsageError) {
    let required = specification.positionals.filter(\.isRequired).count
    guard positionals.count >= required else {
      throw UsageError("\(specification.positionals[positionals.count].name) is missing")
    }
    guard positionals.count <= specification.positionals.count else {
      throw UsageError("unexpected argument '\(positionals[specification.positionals.count])'")
    }
  }

  /// The argument at a position, where it was given.
  package func positional(_ index: Int) -> String? {
    index < positionals.count ? positionals[index] : nil
  }

  /// Whether a switch was given.
  package func has(_ flag: String) -> Bool { values[flag] != nil }

  /// The value of a flag, where it was given.
  package func string(_ flag: String) -> String? { values[flag] }

  /// The value of a flag as a whole number within `range`, where it was given.
  package func integer(_ flag: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = values[flag] else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw UsageError(
        "--\(flag) must be a whole number from \(range.lowerBound) to \(range.upperBound), got '\(text)'"
      )
    }
    return value
  }

  /// The value of a flag as a number within `range`, where it was given.
  package func number(_ flag: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
    guard let text = values[flag] else { return nil }
    guard let value = Double(text), range.contains(value) else {
      throw UsageError(
        "--\(flag) must be a number from \(range.lowerBound) to \(range.upperBound), got '\(text)'"
      )
    }
    return value
  }
}

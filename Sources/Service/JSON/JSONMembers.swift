/// Reads the members of an object that must have no others: admin requests are strict, so that a misspelt option is never ignored.
///
/// Take every known member, then call `finish`.
struct JSONMembers {
  /// Where the object stands in the request, such as `method.supervised`; empty for the body itself.
  let path: String
  private var members: [JSONValue.Member]
  private var known: [String] = []

  /// - Throws: `AdminError` 400 where the value is no object.
  init(_ value: JSONValue, path: String = "") throws(AdminError) {
    guard case .object(let members) = value else {
      throw .invalid(
        "\(path.isEmpty ? "the body" : "'\(path)'") must be an object, found \(value.kind)",
        parameter: path.isEmpty ? nil : path
      )
    }
    self.path = path
    self.members = members
  }

  /// The full name of a member.
  func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Takes a member out; nil where it is missing or null.
  mutating func take(_ key: String) -> JSONValue? {
    known.append(key)
    guard let index = members.firstIndex(where: { $0.key.utf8.elementsEqual(key.utf8) }) else {
      return nil
    }
    let value = members.remove(at: index).value
    return value == .null ? nil : value
  }

  /// An error about a member.
  func error(_ key: String, expected: String, found value: JSONValue) -> AdminError {
    let shown =
      switch value {
      case .number(let number): "\(number)"
      case .string(let text): "'\(text.prefix(64))'"
      case .bool(let flag): "\(flag)"
      default: value.kind
      }
    return .invalid(
      "'\(name(key))' must be \(expected), found \(shown)",
      parameter: name(key)
    )
  }

  /// A string of at most `byteCountMax` bytes.
  mutating func string(_ key: String, byteCountMax: Int = 256) throws(AdminError) -> String? {
    guard let value = take(key) else { return nil }
    guard case .string(let text) = value, text.utf8.count <= byteCountMax else {
      throw error(key, expected: "a string of at most \(byteCountMax) bytes", found: value)
    }
    return text
  }

  /// One of some words.
  mutating func word<Word: RawRepresentable & CaseIterable>(
    _ key: String,
    _ type: Word.Type = Word.self
  ) throws(AdminError) -> Word? where Word.RawValue == String {
    guard let value = take(key) else { return nil }
    if case .string(let text) = value, let word = Word(rawValue: text) { return word }
    let words = Word.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    throw error(key, expected: "one of \(words)", found: value)
  }

  /// A whole number in a range; `auto` counts as missing.
  mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(AdminError) -> Int? {
    guard let value = take(key), value != "auto" else { return nil }
    guard case .number(let number) = value, let whole = Int(exactly: number), range.contains(whole)
    else {
      throw error(
        key,
        expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
        found: value
      )
    }
    return whole
  }

  /// A number in a range; `auto` counts as missing.
  mutating func number(
    _ key: String,
    in range: ClosedRange<Double>
  ) throws(AdminError) -> Double? {
    guard let value = take(key), value != "auto" else { return nil }
    guard case .number(let number) = value, range.contains(number) else {
      throw error(
        key,
        expected: "a number from \(range.lowerBound) to \(range.upperBound)",
        found: value
      )
    }
    return number
  }

  /// The value of a member that must be there.
  func required<Value>(_ key: String, _ value: Value?) throws(AdminError) -> Value {
    guard let value else {
      throw .invalid("'\(name(key))' is missing", parameter: name(key))
    }
    return value
  }

  /// A boolean.
  mutating func flag(_ key: String) throws(AdminError) -> Bool? {
    guard let value = take(key) else { return nil }
    guard case .bool(let flag) = value else {
      throw error(key, expected: "true or false", found: value)
    }
    return flag
  }

  /// A list of at most `countMax` strings.
  mutating func strings(
    _ key: String,
    countMax: Int,
    byteCountMax: Int = 256
  ) throws(AdminError) -> [String]? {
    guard let value = take(key) else { return nil }
    let expected = "a list of at most \(countMax) strings of at most \(byteCountMax) bytes"
    guard case .array(let elements) = value, elements.count <= countMax else {
      throw error(key, expected: expected, found: value)
    }
    var result: [String] = []
    for element in elements {
      guard case .string(let text) = element, text.utf8.count <= byteCountMax else {
        throw error(key, expected: expected, found: element)
      }
      result.append(text)
    }
    return result
  }

  /// Reads an object inside this one; nil where it is missing.
  mutating func object(_ key: String) throws(AdminError) -> JSONMembers? {
    guard let value = take(key) else { return nil }
    return try JSONMembers(value, path: name(key))
  }

  /// - Throws: `AdminError` 400 that names a member nobody took, and those there are.
  func finish() throws(AdminError) {
    guard let other = members.first else { return }
    let shown = name(String(other.key.prefix(64)))
    throw .invalid(
      "'\(shown)' is not known here; known are \(known.joined(separator: ", "))",
      parameter: shown
    )
  }
}

/// The members of a JSON object, taken one by one; what nobody took is refused by name.
struct JSONMembers {
  private var rest: [JSONValue.Member]
  /// What leads to the object, as `stable.canary`; empty for the whole text.
  private let path: String

  /// - Throws: `ServiceError` where the value is no object.
  init(_ value: JSONValue, of path: String = "") throws(ServiceError) {
    guard case .object(let members) = value else {
      let place = path.isEmpty ? "the body" : "'\(path)'"
      throw .invalid("\(place) must be an object, found \(value.kind)")
    }
    rest = members
    self.path = path
  }

  /// Takes the value of a key, nil where it is missing.
  mutating func take(_ key: String) -> JSONValue? {
    guard let index = rest.firstIndex(where: { $0.key.utf8.elementsEqual(key.utf8) }) else {
      return nil
    }
    return rest.remove(at: index).value
  }

  /// Takes a whole number, nil where it is missing.
  ///
  /// - Throws: `ServiceError` for another value.
  mutating func integer(
    _ key: String,
    in range: ClosedRange<Int>
  ) throws(ServiceError) -> Int? {
    guard let value = take(key) else { return nil }
    guard case .number(let number) = value, let whole = Int(exactly: number),
      range.contains(whole)
    else {
      throw .invalid("'\(name(key))' must be a whole number in \(range), found \(shown(value))")
    }
    return whole
  }

  /// Takes a whole number that must be there.
  mutating func requiredInteger(
    _ key: String,
    in range: ClosedRange<Int>
  ) throws(ServiceError) -> Int {
    guard let whole = try integer(key, in: range) else { throw missing(key) }
    return whole
  }

  /// Takes a number that must be there.
  mutating func requiredNumber(
    _ key: String,
    in range: ClosedRange<Double>
  ) throws(ServiceError) -> Double {
    guard let value = take(key) else { throw missing(key) }
    guard case .number(let number) = value, range.contains(number) else {
      throw .invalid("'\(name(key))' must be a number in \(range), found \(shown(value))")
    }
    return number
  }

  /// Ends reading.
  ///
  /// - Throws: `ServiceError` that names a member which nobody took.
  func finish() throws(ServiceError) {
    guard let member = rest.first else { return }
    throw .invalid("there is no member '\(name(member.key))'; take it out")
  }

  private func missing(_ key: String) -> ServiceError { .invalid("'\(name(key))' is missing") }

  private func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func shown(_ value: JSONValue) -> String {
    if case .number(let number) = value { return "\(number)" }
    return value.kind
  }
}

// What clients take from documents that may grow members: nil where there is none, or another kind.
extension JSONValue {
  /// The string.
  package var text: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The finite number.
  package var double: Double? {
    guard case .number(let number) = self, number.isFinite else { return nil }
    return number
  }

  /// The whole number.
  package var whole: Int? { double.flatMap { Int(exactly: $0) } }

  /// The boolean.
  package var flag: Bool? {
    guard case .bool(let flag) = self else { return nil }
    return flag
  }

  /// The elements of an array; none of anything else.
  package var elements: [JSONValue] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }
}

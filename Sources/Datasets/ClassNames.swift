/// The order of classes whose names were collected from data.
package enum ClassNames {
  /// Names in numeric order where all are numbers, else by their bytes.
  ///
  /// All or none: numbers among words compared as numbers, and with words as bytes, would have no order (2 < 10, 10 < 1a, 1a < 2).
  package static func sorted(_ names: some Collection<String>) -> [String] {
    func byBytes(_ left: String, _ right: String) -> Bool {
      left.utf8.lexicographicallyPrecedes(right.utf8)
    }
    let numbers = names.compactMap { name in
      Double(name).flatMap { $0.isFinite ? (value: $0, name: name) : nil }
    }
    guard numbers.count == names.count else { return names.sorted(by: byBytes) }
    return numbers.sorted { left, right in
      left.value == right.value ? byBytes(left.name, right.name) : left.value < right.value
    }.map(\.name)
  }
}

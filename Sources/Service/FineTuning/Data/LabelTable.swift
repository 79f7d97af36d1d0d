import Datasets

/// A label as a file gives it.
enum LabelValue: Equatable {
  /// A name, as JSON strings are.
  case name(String)
  /// The position of a class.
  case index(Int64)
  /// Text without quotes around it, as a CSV field or a folder's name: a name, else a position.
  case text(String)
}

/// Class names and their positions: given ones, or those that come up.
struct LabelTable {
  private(set) var names: [String]
  private var positions: [String: Int]
  /// Whether names are added as they come up.
  let isOpen: Bool
  private let limits: ExampleLimits

  /// Names in this order; `nil` collects them.
  init(_ names: [String]?, limits: ExampleLimits) {
    self.names = names ?? []
    self.limits = limits
    isOpen = names == nil
    positions = Dictionary(
      self.names.enumerated().map { ($1, $0) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// The position of a label.
  ///
  /// Where names are collected, a position is a name too: the data say no order.
  ///
  /// - Throws: `ExampleFault` for a label that is not among the names, or one name too many.
  mutating func position(of label: LabelValue) throws(ExampleFault) -> Int {
    switch label {
    case .name(let name):
      return try position(ofName: name)
    case .index(let index):
      if isOpen { return try position(ofName: String(index)) }
      guard (0..<Int64(names.count)).contains(index) else { throw unknown("index \(index)") }
      return Int(index)
    case .text(let text):
      if let known = positions[text] { return known }
      if !isOpen, let index = Int(text), names.indices.contains(index) { return index }
      return try position(ofName: text)
    }
  }

  private mutating func position(ofName name: String) throws(ExampleFault) -> Int {
    if let known = positions[name] { return known }
    if let fault = Self.fault(ofName: name, limits) { throw fault }
    guard isOpen else { throw unknown(ExampleFault.quoted(name)) }
    guard names.count < limits.labels else {
      throw ExampleFault(
        "label",
        expected: "at most \(limits.labels) different labels",
        got: "\(ExampleFault.quoted(name)) as one more"
      )
    }
    positions[name] = names.count
    names.append(name)
    return names.count - 1
  }

  private func unknown(_ got: String) -> ExampleFault {
    let list = names.prefix(Self.namesShown).map { ExampleFault.quoted($0) }.joined(separator: ", ")
    let more = names.count > Self.namesShown ? " and \(names.count - Self.namesShown) more" : ""
    return ExampleFault(
      "label",
      expected: "one of \(list)\(more), or an index of 0 to \(names.count - 1)",
      got: got
    )
  }

  /// Names that a message lists.
  private static let namesShown = 10

  /// What is wrong with a name: it is empty, too long, or has control characters.
  static func fault(ofName name: String, _ limits: ExampleLimits) -> ExampleFault? {
    guard (1...limits.labelBytes).contains(name.utf8.count) else {
      return ExampleFault(
        "label",
        expected: "a name of 1 to \(limits.labelBytes) bytes",
        got: name.isEmpty ? "an empty one" : "\(name.utf8.count) bytes"
      )
    }
    guard !name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
      return ExampleFault("label", expected: "a name without control characters", got: "one")
    }
    return nil
  }

  /// The names in their final order, and for each position so far the final one.
  func ordered() -> (names: [String], positions: [Int]) {
    guard isOpen else { return (names, Array(names.indices)) }
    let sorted = ClassNames.sorted(names)
    let final = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1, $0) })
    return (sorted, names.map { final[$0] ?? 0 })
  }
}

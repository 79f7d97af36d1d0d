import Tensors

/// One thing that is wrong with training examples.
package struct ExampleProblem: Sendable, Equatable, CustomStringConvertible {
  /// Where it is.
  package enum Place: Sendable, Equatable, CustomStringConvertible {
    /// The file as a whole.
    case file
    /// A line of a text file, from 1.
    case line(Int)
    /// A row of arrays, from 1.
    case row(Int)
    /// A file inside an archive.
    case member(String)

    package var description: String {
      switch self {
      case .file: "file"
      case .line(let number): "line \(number)"
      case .row(let number): "row \(number)"
      case .member(let name): "member '\(name.prefix(200))'"
      }
    }
  }

  package let place: Place
  package let fault: ExampleFault

  package var description: String { "\(place), \(fault)" }
}

/// What is wrong, without the place.
package struct ExampleFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// `input`, `label`, `target`, or what holds them, as `row`.
  package let field: String
  /// What may stand there; `nil` where `got` says it all, as what a parser says.
  package let expected: String?
  /// What stands there.
  package let got: String

  package init(_ field: String, expected: String? = nil, got: String) {
    self.field = field
    self.expected = expected
    self.got = got
  }

  /// What an error of a parser says about a field; a fault stays what it is.
  init(_ error: any Error, in field: String) {
    switch error {
    case let fault as ExampleFault: self = fault
    case let error as JSONError:
      self.init(field, got: "\(error.reason) (byte \(error.offset))")
    default: self.init(field, got: "\(error)")
    }
  }

  /// Runs `body`; what it throws becomes a fault of `field`.
  static func within<Result>(
    _ field: String,
    _ body: () throws -> Result
  ) throws(ExampleFault) -> Result {
    do { return try body() } catch { throw ExampleFault(error, in: field) }
  }

  /// Bytes of the file for a message: short, in quotes.
  static func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
    let text = String(decoding: bytes.prefix(ExampleLimits.quotedBytes), as: UTF8.self)
    return bytes.count > ExampleLimits.quotedBytes ? "'\(text)...'" : "'\(text)'"
  }

  /// Text of the file for a message: short, in quotes.
  static func quoted(_ text: String) -> String {
    var text = text
    return text.withUTF8 { quoted(UnsafeRawBufferPointer($0)) }
  }

  package var description: String {
    guard let expected else { return "\(field): \(got)" }
    return "\(field): expected \(expected), got \(got)"
  }
}

/// Why examples cannot be used: the first problems, and how many there are.
package struct ExampleProblems: Error, Sendable, Equatable, CustomStringConvertible {
  /// The first ones, in the order of the file; never empty.
  package private(set) var problems: [ExampleProblem] = []
  /// All that were found.
  package private(set) var count = 0
  /// Whether the file was read to its end; otherwise there may be more.
  package fileprivate(set) var isComplete = true

  /// Nothing is wrong yet.
  init() {}

  /// One problem that ends the reading.
  package init(_ place: ExampleProblem.Place, _ fault: ExampleFault) {
    add(ExampleProblem(place: place, fault: fault), shown: 1)
    isComplete = false
  }

  /// Adds a problem; it is kept while fewer than `shown` are.
  mutating func add(_ problem: ExampleProblem, shown: Int) {
    count += 1
    if problems.count < max(shown, 1) { problems.append(problem) }
  }

  /// The same, where reading stopped early.
  func stopped() -> ExampleProblems {
    var result = self
    result.isComplete = false
    return result
  }

  package var description: String {
    var lines = problems.map(\.description)
    if count > problems.count { lines.append("\(count - problems.count) more like these") }
    if !isComplete { lines.append("reading stopped there") }
    return lines.joined(separator: "; ")
  }
}

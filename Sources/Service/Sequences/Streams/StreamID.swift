/// Names of streams and of their events.
enum StreamID {
  /// What all begin with.
  static let prefix = "stream-"

  /// A name that nobody can guess: it is all that a client needs to read on.
  static func make() -> String { RandomIdentifier.make(prefix) }

  /// What the ids of a stream's events begin with: the event's number follows.
  static func eventStart(_ stream: String) -> String { "\(stream)-" }

  /// The number of an event of that stream; nil for what is none.
  static func number(of event: String, stream: String) -> Int? {
    let start = eventStart(stream)
    guard event.utf8.starts(with: start.utf8) else { return nil }
    let digits = event.utf8.dropFirst(start.utf8.count)
    // 9 digits are more events than any stream has, and no overflow.
    guard (1...9).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }
}

/// Finds the texts that end an answer in it while it grows, also where they span several pieces.
///
/// What may be the beginning of such a text is held back until it is known to be none.
struct StopMatcher {
  private let stops: [[UInt8]]
  /// What has not been given out.
  private var held: [UInt8] = []

  init(_ stops: [String]) { self.stops = stops.map { Array($0.utf8) } }

  /// Adds a piece.
  ///
  /// - Returns: The text that is certain by now, and whether the answer ends behind it.
  mutating func add(_ text: String) -> (text: String, ends: Bool) {
    held += text.utf8
    let end = stops.compactMap { Self.firstPosition(of: $0, in: held) }.min()
    let certain = end ?? held.count - heldBackCount
    // Both ends are those of a valid text or its beginning, so that no character is cut.
    let result = String(decoding: held[..<certain], as: UTF8.self)
    held.removeFirst(certain)
    return (result, end != nil)
  }

  /// What is held back where no more pieces come.
  mutating func rest() -> String {
    defer { held = [] }
    return String(decoding: held, as: UTF8.self)
  }

  /// The text up to the first of the texts that end it; nil where there is none.
  static func cut(_ text: String, at stops: [String]) -> String? {
    var matcher = StopMatcher(stops)
    let (result, ends) = matcher.add(text)
    return ends ? result : nil
  }

  /// Bytes at the end that are the beginning of a text which ends the answer.
  private var heldBackCount: Int {
    var longest = 0
    for stop in stops {
      var count = min(stop.count - 1, held.count)
      while count > longest, !held.suffix(count).elementsEqual(stop.prefix(count)) { count -= 1 }
      longest = max(longest, count)
    }
    return longest
  }

  private static func firstPosition(of stop: [UInt8], in text: [UInt8]) -> Int? {
    guard text.count >= stop.count else { return nil }
    return (0...(text.count - stop.count)).first {
      text[$0..<($0 + stop.count)].elementsEqual(stop)
    }
  }
}

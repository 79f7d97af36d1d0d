import Testing

@testable import Service

/// Texts that end an answer are found wherever the pieces are cut.
@Suite struct StopMatcherTests {
  static func run(_ pieces: [String], _ stops: [String]) -> (text: String, ends: Bool) {
    var matcher = StopMatcher(stops)
    var text = ""
    for piece in pieces {
      let (more, ends) = matcher.add(piece)
      text += more
      if ends { return (text, true) }
    }
    return (text + matcher.rest(), false)
  }

  @Test func everySplitFindsTheFirstStop() {
    let text = "ab\u{E9}\n\nSPEAKER: x"
    let scalars = text.unicodeScalars.map { String(Character($0)) }
    for mask in 0..<(1 << (scalars.count - 1)) where mask % 7 == 0 {
      var pieces = [scalars[0]]
      for (index, scalar) in scalars.enumerated().dropFirst() {
        if mask >> (index - 1) & 1 == 1 {
          pieces.append(scalar)
        } else {
          pieces[pieces.count - 1] += scalar
        }
      }
      let found = Self.run(pieces, ["SPEAKER:", "\n\n"])
      #expect(found.text == "ab\u{E9}" && found.ends)
      let missing = Self.run(pieces, ["\n\n\n", "x!", "\u{E8}"])
      #expect(missing.text == text && !missing.ends)
    }
  }

  @Test func onlyWhatMayBeAStopIsHeldBack() {
    var matcher = StopMatcher(["abc", "bd"])
    #expect(matcher.add("xxab").text == "xx")
    #expect(matcher.add("x").text == "abx")
    #expect(matcher.add("ab").text == "")
    #expect(matcher.add("d") == ("a", true))
  }
}

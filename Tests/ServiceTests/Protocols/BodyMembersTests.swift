import Testing

@testable import Service

@Suite struct BodyMembersTests {
  static func problem(_ text: String) -> String {
    do {
      try Array(text.utf8).withUnsafeBytes { buffer in
        var cursor = JSONCursor(buffer)
        var members = BodyMembers()
        try members.read(&cursor) { _, _ in false }
      }
      return "none"
    } catch { return (error as? JSONError)?.reason ?? "\(error)" }
  }

  @Test(arguments: [1, 3, 4, 5, 20]) func aKeyMayNotComeTwice(count: Int) {
    let members = (0..<count).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
    #expect(Self.problem("{\(members)}") == "none")
    for index in [0, count - 1] {
      #expect(
        Self.problem("{\(members),\"k\(index)\":1}") == "the body has the key 'k\(index)' twice"
      )
    }
  }

  @Test func keysAreCounted() {
    let members = (0...256).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
    #expect(Self.problem("{\(members)}") == "the body has more than 256 keys")
  }
}

import HTTP
import Testing

@testable import Service

@Suite struct JSONMembersTests {
  private enum Colour: String, CaseIterable { case red, blue }

  static func members(_ text: String, path: String = "") throws -> JSONMembers {
    try JSONMembers(
      Array(text.utf8).withUnsafeBytes { try JSONValueReader.read($0) },
      path: path
    )
  }

  /// `parameter: message` of what `body` throws.
  static func problem(_ text: String, _ body: (inout JSONMembers) throws -> Void) throws -> String {
    var members = try members(text, path: "a.b")
    do {
      try body(&members)
      return "none"
    } catch let error as AdminError {
      #expect(error.status == .badRequest)
      return "\(error.parameter ?? "-"): \(error.message)"
    }
  }

  @Test func goodMembersAreTaken() throws {
    var members = try Self.members(
      #"{"s":"x","w":"blue","i":3,"n":0.5,"f":true,"l":["a","b"],"o":{"x":1},"null":null,"auto":"auto"}"#
    )
    #expect(try members.string("s") == "x")
    #expect(try members.word("w", Colour.self) == .blue)
    #expect(try members.integer("i", in: 3...3) == 3)
    #expect(try members.number("n", in: 0...0.5) == 0.5)
    #expect(try members.flag("f") == true)
    #expect(try members.strings("l", countMax: 2) == ["a", "b"])
    var object = try #require(try members.object("o"))
    #expect(object.name("x") == "o.x")
    #expect(try object.integer("x", in: 0...9) == 1)
    try object.finish()
    #expect(try members.string("null") == nil)
    #expect(try members.integer("auto", in: 0...1) == nil)
    #expect(try members.string("missing") == nil)
    try members.finish()
  }

  @Test func badMembersAreNamedWithWhatIsExpected() throws {
    #expect(
      try Self.problem(#"{"k":5}"#) { _ = try $0.string("k") }
        == "a.b.k: 'a.b.k' must be a string of at most 256 bytes, found 5.0"
    )
    #expect(
      try Self.problem(#"{"k":"äää"}"#) { _ = try $0.string("k", byteCountMax: 5) }
        == "a.b.k: 'a.b.k' must be a string of at most 5 bytes, found 'äää'"
    )
    #expect(
      try Self.problem(#"{"k":"green"}"#) { _ = try $0.word("k", Colour.self) }
        == "a.b.k: 'a.b.k' must be one of 'red', 'blue', found 'green'"
    )
    for text in ["4", "0.5", "1e30", "true", "\"1\"", "[]"] {
      let problem = try Self.problem("{\"k\":\(text)}") { _ = try $0.integer("k", in: 0...3) }
      #expect(problem.hasPrefix("a.b.k: 'a.b.k' must be a whole number from 0 to 3"), "\(text)")
    }
    #expect(
      try Self.problem(#"{"k":-1e-9}"#) { _ = try $0.number("k", in: 0...1) }
        == "a.b.k: 'a.b.k' must be a number from 0.0 to 1.0, found -1e-09"
    )
    #expect(
      try Self.problem(#"{"k":1}"#) { _ = try $0.flag("k") }
        == "a.b.k: 'a.b.k' must be true or false, found 1.0"
    )
    for text in ["\"a\"", "[1]", "[\"a\",\"b\",\"c\"]", "{}"] {
      let problem = try Self.problem("{\"k\":\(text)}") { _ = try $0.strings("k", countMax: 2) }
      #expect(problem.hasPrefix("a.b.k: 'a.b.k' must be a list of at most 2 strings"), "\(text)")
    }
    #expect(
      try Self.problem(#"{"k":[]}"#) { _ = try $0.object("k") }
        == "a.b.k: 'a.b.k' must be an object, found an array"
    )
    #expect(
      try Self.problem("{}") { _ = try $0.required("k", nil as Int?) }
        == "a.b.k: 'a.b.k' is missing"
    )
  }

  @Test func whatNobodyTookIsRefused() throws {
    #expect(
      try Self.problem(#"{"n_epoch":1}"#) {
        _ = try $0.integer("n_epochs", in: 1...9)
        _ = try $0.string("x")
        try $0.finish()
      } == "a.b.n_epoch: 'a.b.n_epoch' is not known here; known are n_epochs, x"
    )
    #expect(throws: AdminError.self) { _ = try Self.members("[]") }
  }
}

import Testing

@testable import Service

@Suite struct JSONValueTests {
  static func read(_ text: String) throws -> JSONValue {
    try Array(text.utf8).withUnsafeBytes { try JSONValueReader.read($0) }
  }

  static func problem(_ text: String) -> String? {
    do {
      _ = try read(text)
      return nil
    } catch {
      return (error as? JSONError)?.reason
    }
  }

  @Test func readsEveryKind() throws {
    let value = try Self.read(#" {"a": [1, -2.5e1, true, false, null], "b": {"c": "x"}, "d": [], "e": {}} "#)
    #expect(value["a"] == .array([.number(1), .number(-25), .bool(true), .bool(false), .null]))
    #expect(value["b"]?["c"] == .string("x"))
    #expect(value["d"] == .array([]))
    #expect(value["e"] == .object([]))
    #expect(value["z"] == nil)
  }

  @Test func stringsAreDecoded() throws {
    #expect(try Self.read(#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é""#) == .string("\"\\/\u{8}\u{C}\n\r\té😀é"))
    #expect(Self.problem(#""\ud83d""#) == "lone surrogate in a string")
    #expect(Self.problem(#""\ude00""#) == "lone surrogate in a string")
    #expect(Self.problem(#""\x""#) == "unknown escape in a string")
    #expect(Self.problem(#""\u12g4""#) == "\\u needs four hexadecimal digits in a string")
    #expect(Self.problem("\"a\nb\"") == "control character 10 inside a string")
    #expect(Self.problem("\"abc") == "the string does not end")
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    let bytes: [UInt8] = [0x22, 0xC3, 0x28, 0x22]
    #expect(throws: JSONError(offset: 0, reason: "the string is not UTF-8")) {
      try bytes.withUnsafeBytes { try JSONValueReader.read($0) }
    }
  }

  @Test func strictness() {
    #expect(Self.problem(#"{"a":1,"a":2}"#) == "the key 'a' is there twice")
    #expect(Self.problem("1 2") == "expected the end after the value, found '2'")
    #expect(Self.problem("[1,]") == "expected a value, found ']'")
    #expect(Self.problem("{,}") == "expected a string, found ','")
    #expect(Self.problem("{\"a\" 1}") == "expected ':' after a key, found '1'")
    #expect(Self.problem("") == "expected a value, found the end")
    #expect(Self.problem("tru") == "expected a value, found 't'")
    // Canonically equivalent keys are different bytes.
    #expect(Self.problem("{\"\u{E9}\":1,\"e\u{301}\":2}") == nil)
  }

  @Test func limits() {
    #expect(Self.problem(String(repeating: "[", count: 250_000)) == "nested deeper than 64 levels")
    #expect(Self.problem("[" + String(repeating: "0,", count: 100_001) + "0]") == "more than 100000 values")
  }

  @Test func base64() {
    func decode(_ text: String) -> [UInt8]? { Array(text.utf8).withUnsafeBytes { Base64.decode($0) } }
    #expect(decode("") == [])
    #expect(decode("TWFu") == Array("Man".utf8))
    #expect(decode("TWE=") == Array("Ma".utf8))
    #expect(decode("TQ==") == Array("M".utf8))
    #expect(decode("TQ") == Array("M".utf8))
    #expect(decode("+/+/") == [0xFB, 0xFF, 0xBF])
    for bad in ["T", "TQ=", "TR==", "TWFu=", "TW=u", "T Fu", "TWF-", "===="] { #expect(decode(bad) == nil, "\(bad)") }
  }
}

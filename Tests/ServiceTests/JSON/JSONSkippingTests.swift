import HTTP
import Testing

@testable import Service

@Suite struct JSONSkippingTests {
  /// What stands behind the value that is skipped.
  static func rest(of text: String) throws(JSONError) -> String {
    let bytes = Array(text.utf8)
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(JSONError) in
        var cursor = JSONCursor(bytes)
        try cursor.skipValue()
        return String(decoding: bytes[cursor.offset...], as: UTF8.self)
      }
    }
    return try result.get()
  }

  @Test(arguments: [
    ("1", ""), (" -1.5e3 ,x", " ,x"), ("true]", "]"), ("null}", "}"), ("\"a,]}\\\"\" z", " z"),
    ("[]", ""), ("{},", ","), ("[1,[2,{\"a\":[]}],\"]\"] rest", " rest"),
    ("{\"a\":{\"b\":\"}\"},\"c\":1}}", "}"), ("\n\t[\r\n]", ""),
  ])
  func oneValueIsSkipped(text: String, rest: String) throws {
    #expect(try Self.rest(of: text) == rest)
  }

  @Test(arguments: [
    "", "  ", "[", "{", "[1,", "[1", "{\"a\":", "\"a", "[\"a]", "]", "}", ",", ":", "[[]",
    "\"\\x\"",
    "\"\u{1}\"",
  ])
  func whatIsNoValueIsRefused(text: String) {
    #expect(throws: JSONError.self) { try Self.rest(of: text) }
  }

  @Test func depthCostsNoStack() throws {
    let depth = 1_000_000
    let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(try Self.rest(of: text + ",") == ",")
    #expect(throws: JSONError.self) {
      try Self.rest(of: String(repeating: "[", count: depth))
    }
  }
}

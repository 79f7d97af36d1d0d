import HTTP
import Testing

@testable import Service

@Suite struct JSONWritingTests {
  static func text(_ value: JSONValue) -> String { String(decoding: value.bytes, as: UTF8.self) }

  @Test(arguments: [
    (0.0, "0"), (-0.0, "0"), (1, "1"), (-7, "-7"), (0.1, "0.1"), (1.5, "1.5"),
    (9_007_199_254_740_991, "9007199254740991"), (-9_007_199_254_740_991, "-9007199254740991"),
    (.nan, "null"), (.infinity, "null"), (-.infinity, "null"),
  ])
  func numbersAreWrittenAsPeopleWriteThem(number: Double, text: String) {
    #expect(Self.text(.number(number)) == text)
  }

  /// Numbers at the edges of Int and Double are written without a trap and read again as the same.
  @Test(arguments: [
    9_007_199_254_740_992, -9_223_372_036_854_775_808, 9_223_372_036_854_775_808, 1e300,
    .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, 1e-7, .pi,
  ])
  func numbersComeBack(number: Double) throws {
    let bytes = JSONValue.number(number).bytes
    let read = try bytes.withUnsafeBytes { try JSONValueReader.read($0) }
    #expect(read == .number(number), "\(Self.text(.number(number)))")
  }

  @Test func treesAreWrittenInOrder() throws {
    let value: JSONValue = [
      "z": [], "a": ["x", .null, .bool(true), .bool(false), [:]], "q\"\n": "\u{1}é",
    ]
    let text = "{\"z\":[],\"a\":[\"x\",null,true,false,{}],\"q\\\"\\n\":\"\\u0001é\"}"
    #expect(Self.text(value) == text)
    #expect(try Array(text.utf8).withUnsafeBytes { try JSONValueReader.read($0) } == value)
  }

  @Test func depthCostsNoStack() {
    var value: JSONValue = []
    for _ in 0..<1000 { value = [value] }
    #expect(
      Self.text(value)
        == String(repeating: "[", count: 1001) + String(repeating: "]", count: 1001)
    )
  }

  @Test func whatIsNilIsNull() {
    #expect(JSONValue(nil as Int?) == .null)
    #expect(JSONValue(nil as Double?) == .null)
    #expect(JSONValue(nil as String?) == .null)
    #expect(JSONValue(3 as Int?) == .number(3))
  }
}

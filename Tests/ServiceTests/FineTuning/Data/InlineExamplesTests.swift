import Foundation
import Testing

@testable import Service

/// Examples in a request's body: bad rows are all named, broken JSON ends the reading.
@Suite struct InlineExamplesTests {
  private func text(
    _ body: String,
    _ targets: ExampleSchema.Targets = .classes(ExampleFixtures.labels)
  ) throws -> String {
    let reader = InlineExamples(try ExampleFixtures.schema(targets))
    return try #require(throws: ExampleProblems.self) {
      try Array(body.utf8).withUnsafeBytes { bytes throws(ExampleProblems) in
        try reader.read(bytes)
      }
    }.description
  }

  private static let row = "[1,2,3,4,5,6]"

  @Test func everyBadRowIsNamed() throws {
    let body = """
      {"instances": [[1,2], \(Self.row), [[1,[2,"]"]],3], {"b64": "!"}, {"x": [1,{"y":"}"}]}, "a"],
       "labels": ["cat", "bat", true, {"a": [1]}, "owl", 9]}
      """
    let found = try text(body).components(separatedBy: "; ")
    #expect(found.count == 9)
    #expect(found[0] == "row 1, instances: expected 6 numbers ([1,2,3]), got 2 numbers")
    #expect(found[1].hasPrefix("row 3, instances: instances[0][1]: expected a number"))
    #expect(found[2].hasPrefix("row 4, instances: the value of \"b64\" is not base64"))
    #expect(found[3].hasPrefix("row 5, instances: expected numbers or {\"b64\": picture}"))
    #expect(found[4].hasPrefix("row 6, instances: expected a number"))
    #expect(found[5].hasPrefix("row 2, label: expected one of"))
    #expect(found[6].hasPrefix("row 3, labels: expected a name or an index, got 't'"))
    #expect(found[7].hasPrefix("row 4, labels: expected a name or an index, got '{'"))
    #expect(found[8].hasPrefix("row 6, label: expected one of"))
  }

  @Test(arguments: [
    ("{}", "file, data: expected the key 'instances', got none"),
    ("[]", "file, data: expected '{' at the start of 'data', found '[' (byte 0)"),
    ("", "file, data: expected '{' at the start of 'data', found the end (byte 0)"),
    (#"{"instances": [\#(row)]}"#, "file, data: expected the key 'labels', got none"),
    (
      #"{"instances": [\#(row)], "targets": [1]}"#,
      "file, data: expected the keys 'instances' and 'labels', got the key 'targets'"
    ),
    (
      #"{"instances": [], "instances": []}"#,
      "file, data: 'data' has the key 'instances' twice (byte 18)"
    ),
    (
      #"{"instances": [\#(row)], "labels": [1,2]}"#,
      "file, label: expected 1, one for each input, got 2"
    ),
    (#"{"instances": [], "labels": []}"#, "file, rows: expected at least one example, got none"),
    (
      #"{"instances": 3}"#,
      "file, data: expected '[' at the start of 'instances', found '3' (byte 14)"
    ),
    (
      #"{"instances": [\#(row)], "labels": [1}"#,
      "file, data: expected ']' or ',' after row 1 of 'labels', found '}' (byte 43)"
    ),
    (#"{"instances": [\#(row)], "labels": [1]} x"#, "file, data: expected the end, got 'x'"),
  ]) func brokenBodies(body: String, message: String) throws {
    let found = try text(body)
    #expect(found.replacing("; reading stopped there", with: "") == message)
  }

  @Test func aBodyThatEndsInsideABadRow() throws {
    let found = try text(#"{"instances": [[1,2,"#)
    #expect(found.hasPrefix("row 1, instances: ") && found.hasSuffix("reading stopped there"))
  }
}

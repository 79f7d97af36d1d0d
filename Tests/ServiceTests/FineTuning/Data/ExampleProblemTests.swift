import Datasets
import TestSupport
import Tensors
import Testing

@testable import Service

/// Everything that can be wrong with examples says where, what was expected and what came.
@Suite struct ExampleProblemTests {
  private typealias Fixtures = ExampleFixtures

  private func problems(
    _ bytes: [UInt8],
    _ name: String = "data",
    _ targets: ExampleSchema.Targets = .classes(ExampleFixtures.labels),
    limits: ExampleLimits = ExampleLimits()
  ) throws -> ExampleProblems {
    let reader = ExampleReader(try Fixtures.schema(targets), limits: limits)
    return try #require(throws: ExampleProblems.self) { try reader.read(bytes, name: name) }
  }

  private func text(
    _ text: String,
    _ targets: ExampleSchema.Targets = .classes(ExampleFixtures.labels),
    name: String = "data"
  ) throws -> String {
    try problems(Array(text.utf8), name, targets).description
  }

  private static let known = "expected one of 'cat', 'dog', 'owl', or an index of 0 to 2, got"

  @Test(arguments: [
    (
      #"{"input": [1,2,3,4,5], "label": 0}"#,
      "line 1, input: expected 6 numbers ([1,2,3]), got 5 numbers"
    ),
    (
      #"{"input": [[[1,2],[3,4],[5,6]]], "label": 0}"#,
      "line 1, input: expected 6 numbers ([1,2,3]), got [1,3,2]"
    ),
    (
      #"{"input": [1,2,3,4,5,NaN], "label": 0}"#,
      "line 1, input: expected finite numbers, got nan as value 6"
    ),
    (
      #"{"input": [1,2,-1e99,4,5,6], "label": 0}"#,
      "line 1, input: expected finite numbers, got -inf as value 3"
    ),
    (
      #"{"input": [1,2,"3",4,5,6], "label": 0}"#,
      #"line 1, input: input[2]: expected a number, found '"' (byte 15)"#
    ),
    (
      #"{"input": {"png": 1}, "label": 0}"#,
      #"line 1, input: expected numbers or {"b64": picture}, got another object"#
    ),
    (
      #"{"input": {"b64": "!"}, "label": 0}"#,
      #"line 1, input: the value of "b64" is not base64 (byte 18)"#
    ),
    (
      #"{"input": {"b64": "TWFu"}, "label": 0}"#,
      "line 1, input: image, byte 0: the file does not start as PNG or JPEG does"
    ),
    (#"{"input": [1,2,3,4,5,6], "label": "bat"}"#, "line 1, label: \(known) 'bat'"),
    (#"{"input": [1,2,3,4,5,6], "label": 3}"#, "line 1, label: \(known) index 3"),
    (#"{"input": [1,2,3,4,5,6], "label": -1}"#, "line 1, label: \(known) index -1"),
    (
      #"{"input": [1,2,3,4,5,6], "label": 0.5}"#,
      "line 1, label: expected a whole number for Int64 (byte 34)"
    ),
    (
      #"{"input": [1,2,3,4,5,6], "label": null}"#,
      "line 1, label: expected a name or an index, got 'n'"
    ),
    (
      #"{"input": [1,2,3,4,5,6], "label": ["cat"]}"#,
      "line 1, label: expected one label, got a list of 1"
    ),
    (
      #"{"input": [1,2,3,4,5,6], "label": ""}"#,
      "line 1, label: expected a name of 1 to 256 bytes, got an empty one"
    ),
    (
      #"{"input": [1,2,3,4,5,6], "target": 1}"#,
      "line 1, target: expected 'label', as the model learns classes, got 'target'"
    ),
    (
      #"{"input": [1,2,3,4,5,6], "label": 0, "target": 1}"#,
      "line 1, target: expected 'label', as the model learns classes, got 'target'"
    ),
    (#"{"input": [1,2,3,4,5,6]}"#, "line 1, label: expected the key 'label', got none"),
    (#"{"label": "cat"}"#, "line 1, input: expected the key 'input', got none"),
    (
      #"{"inputs": [1], "label": "cat"}"#,
      "line 1, row: expected the keys 'input' and 'label', got the key 'inputs'"
    ),
    (
      #"{"label": 0, "label": 0, "input": [1,2,3,4,5,6]}"#,
      "line 1, row: the row has the key 'label' twice (byte 13)"
    ),
    (
      #"{"label": 0, "input": [1,2,3,4,5,6]"#,
      "line 1, row: expected '}' or ',' in the row, found the end (byte 35)"
    ),
    (
      #"{"label": 0, "input": [1,2,3,4,5,6]} x"#,
      "line 1, row: expected the end after the row, found 'x' (byte 37)"
    ),
    ("{\"label\": \"c\u{1}t\"}", "line 1, label: control character 1 inside a string (byte 12)"),
  ]) func jsonLines(line: String, message: String) throws {
    #expect(try text(line) == message)
    // The same row behind a good one has another number, and the end is still reached.
    let good = "{\"input\": [1,2,3,4,5,6], \"label\": 1}\n"
    let second = message.replacing("line 1", with: "line 3")
    #expect(try text(good + "\n" + line + "\n" + good) == second)
  }

  @Test(arguments: [
    (
      "1,2,3,4,5,cat\n",
      "line 1, input: expected 6 columns and 1 of 'label', got 6 columns in all; reading stopped there"
    ),
    ("1,2,3,4,5,6,bat\n", "line 1, label: \(known) 'bat'"),
    (
      "1,2,3,4,5,6,cat\n1,2,x,4,5,6,cat\n",
      "line 2, input: expected a finite number in column 3, got 'x'"
    ),
    (
      "1,2,3,4,5,6,cat\n1,2,,4,5,6,cat\n",
      "line 2, input: expected a finite number in column 3, got an empty field"
    ),
    (
      "1,2,3,4,5,6,cat\n1,2,inf,4,5,6,cat\n",
      "line 2, input: expected a finite number in column 3, got 'inf'"
    ),
    (
      "1,2,3,4,5,6,cat\n1,2,NaN,4,5,6,cat\n",
      "line 2, input: expected a finite number in column 3, got 'NaN'"
    ),
    ("1,2,3,4,5,6,cat\n1,2,3\n", "line 2, row: expected 7 columns, got 3"),
    ("1,2,3,4,5,6,cat\n1,2,3,4,5,6,cat,7\n", "line 2, row: expected 7 columns, got more"),
    (
      "1,2,3,4,5,6,cat\n1,2,3,4,5,6,\"cat\n",
      "line 2, row: expected a closing quote on the same line, got the end"
    ),
    (
      "1,2,3,4,5,6,cat\n1,2,3,4,5,6,\"cat\"x\n",
      "line 2, row: expected ',' after a quoted field, got 'x'"
    ),
    (
      "a,b,c,d,e,f,label,target\n",
      "line 1, header: expected a label or targets, got columns of both; reading stopped there"
    ),
    (
      "a,b,c,d,e,label,label\n",
      "line 1, header: expected 1 column 'label', got 2; reading stopped there"
    ),
    (
      "a,b,c,d,e,f,label\n",
      "file, rows: expected at least one example, got none; reading stopped there"
    ),
  ]) func csv(table: String, message: String) throws {
    #expect(try text(table, name: "a.csv") == message)
  }

  @Test(arguments: [
    (#"{"input": [1,2,3,4,5,6], "target": [1,2,3]}"#, "line 1, target: expected 2 numbers, got 3"),
    (
      #"{"input": [1,2,3,4,5,6], "target": [1,Infinity]}"#,
      "line 1, target: expected finite numbers, got inf"
    ),
    (
      #"{"input": [1,2,3,4,5,6], "target": [[1,2]]}"#,
      "line 1, target: expected a number or a flat list, got nested lists"
    ),
    (
      #"{"input": [1,2,3,4,5,6], "label": "cat"}"#,
      "line 1, label: expected 'target', as the model learns values, got 'label'"
    ),
    (
      "a,b,c,d,e,f,g,label\n",
      "line 1, header: expected columns 'target', got a column 'label'; reading stopped there"
    ),
    (
      "a,b,c,d,e,f,g,target\n",
      "line 1, header: expected 2 columns 'target', got 1; reading stopped there"
    ),
    ("1,2,3,4,5,6,7,x\n", "line 1, target: expected a finite number in column 8, got 'x'"),
  ]) func values(file: String, message: String) throws {
    #expect(try text(file, .values(2)) == message)
  }

  @Test func filesThatHoldNothing() throws {
    #expect(try text("").contains("got an empty file"))
    for blank in ["\n", " \r\n\r\n", "\u{FEFF}\n"] {
      for name in ["a.jsonl", "a.csv", "a"] {
        #expect(try text(blank, name: name).contains("expected at least one example, got none"))
      }
    }
    #expect(try problems(TarWriter.write([])).description.contains("unknown bytes"))
    #expect(try problems(TarWriter.write([]), "a.tar").description.contains("at least one example"))
    #expect(try problems(NPZ.write([])).description.contains("got no arrays"))
  }

  @Test func filesOfOtherFormats() throws {
    let png = try PNG.encode(Fixtures.picture(Fixtures.pixels[0]))
    #expect(try problems(png).description.contains("got a single picture"))
    let array = try NPY.write(Tensor(vector: [1] as [Float]))
    #expect(try problems(array).description.contains("got a single array"))
    let idx = try IDX.write(Tensor(vector: [1] as [UInt8]))
    #expect(try problems(idx).description.contains("got a single idx file"))
    #expect(try problems([1, 0, 2]).description.contains("got unknown bytes"))
    let twice = try Deflate.deflate(Deflate.deflate([1], .gzip), .gzip)
    #expect(try problems(twice).description.contains("gzip inside gzip"))
  }

  @Test func textThatIsNotUTF8() throws {
    let json = Array(#"{"input": [1,2,3,4,5,6], "label": "#.utf8) + [0x22, 0xFF, 0x22, 0x7D]
    #expect(try problems(json).description == "line 1, label: the string is not UTF-8 (byte 34)")
    let csv = Array("1,2,3,4,5,6,cat\n1,2,3,4,5,6,".utf8) + [0xFF]
    #expect(try problems(csv).description == "line 2, row: expected UTF-8, got other bytes")
  }

  @Test func onlyTheFirstTenAreShown() throws {
    let found = try problems(Array(String(repeating: "{}\n", count: 25).utf8))
    #expect(found.problems.count == 10 && found.count == 25 && found.isComplete)
    #expect(found.problems[9].place == .line(10))
    #expect(found.description.hasSuffix("; 15 more like these"))
    let many = try problems(Array(String(repeating: "{}\n", count: 2000).utf8))
    #expect(many.count == 1000 && !many.isComplete)
  }

  @Test func longNamesAreCutInMessages() throws {
    let labels = (0..<20).map { "class\($0)" }
    let line = #"{"input": [1,2,3,4,5,6], "label": ""# + String(repeating: "é", count: 100) + "\"}"
    let message = try text(line, .classes(labels))
    #expect(message.contains("'class9' and 10 more, or an index of 0 to 19, got 'é"))
    #expect(message.utf8.count < 400)
  }

  @Test func limits() throws {
    let rows = try Fixtures.jsonLines()
    func message(_ change: (inout ExampleLimits) -> Void) throws -> String {
      var limits = ExampleLimits()
      change(&limits)
      return try problems(rows, "a", .newClasses(nil), limits: limits).description
    }
    #expect(try message { $0.fileBytes = 10 }.contains("expected at most 10 bytes"))
    #expect(try message { $0.rows = 5 }.hasPrefix("line 6, rows: expected at most 5, got more"))
    #expect(try message { $0.lineBytes = 40 }.contains("a line has more than 40 bytes"))
    #expect(
      try message { $0.labels = 2 }.contains("at most 2 different labels, got 'dog' as one more")
    )
    #expect(try message { $0.labelBytes = 2 }.contains("a name of 1 to 2 bytes, got 3 bytes"))
    #expect(try message { $0.decodedBytes = 6 * 32 - 1 }.contains("at most 191 bytes in memory"))
    var limits = ExampleLimits()
    limits.inflatedBytes = 100
    let packed = try Deflate.deflate(rows, .gzip)
    #expect(try problems(packed, limits: limits).description.contains("limit of 100 bytes"))
    limits = ExampleLimits()
    limits.picturePixels = 5
    let folders = try Fixtures.folders(leading: "")
    #expect(try problems(folders, limits: limits).count == 6)
    limits.pictureBytes = 10
    #expect(try problems(folders, limits: limits).description.contains("at most 10 are read"))
  }

  @Test func truncatedFiles() throws {
    for bytes in [
      try Fixtures.npz(pixels: true), try Fixtures.folders(leading: ""),
      try Fixtures.idx(compressed: true), try Deflate.deflate(Fixtures.jsonLines(), .gzip),
    ] {
      let cut = try problems(Array(bytes.prefix(bytes.count * 2 / 3)), "a")
      #expect(!cut.isComplete)
    }
  }
}

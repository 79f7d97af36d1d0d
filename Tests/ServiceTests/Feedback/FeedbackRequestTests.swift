import HTTP
import TestSupport
import Testing

@testable import Service

@Suite struct FeedbackRequestTests {
  func read(_ text: String) throws -> FeedbackRequest {
    try Array(text.utf8).withUnsafeBytes { try FeedbackRequest($0, limits: ServiceLimits()) }
  }

  @Test func everyForm() throws {
    #expect(
      try read(#"{"id": "x", "label": "9"}"#).items
        == [.init(id: "x", truth: .name("9"), path: "")]
    )
    #expect(
      try read(#"{"feedback": [{"label": 9, "id": "x"}, {"id": "y", "target": [1, 2.5]}]}"#).items
        == [
          .init(id: "x", truth: .index(9), path: "feedback[0]."),
          .init(id: "y", truth: .values([1, 2.5]), path: "feedback[1]."),
        ]
    )
    #expect(
      try read(#"{"id": "x", "target": -3}"#).items
        == [.init(id: "x", truth: .values([-3]), path: "")]
    )
  }

  @Test(arguments: [
    ("", "JSON parse error: expected a value, found the end at line 1, column 1 (byte 0)"),
    ("[]", "the body must be an object, found an array"),
    ("{}", "'id' is missing: send the id that the prediction came with"),
    (#"{"id": 7, "label": 1}"#, "'id' must be a string of at most 128 bytes, found 7.0"),
    (#"{"id": "x"}"#, "'label' is missing: send it, or 'target' for a model of values"),
    (#"{"id": "x", "label": 1, "target": 2}"#, "'label' and 'target' are both there: send one"),
    (
      #"{"id": "x", "label": 1.5}"#, "'label' must be a name or the index of a class, found 1.5"
    ),
    (
      #"{"id": "x", "label": [1]}"#,
      "'label' must be a name or the index of a class, found an array"
    ),
    (
      #"{"id": "x", "label": ""}"#,
      "'label': label: expected a name of 1 to 256 bytes, got an empty one"
    ),
    (
      #"{"id": "x", "target": [1, "2"]}"#,
      "'target' must be a finite number or a list of them, found '2'"
    ),
    (
      #"{"id": "x", "target": 1e39}"#,
      "'target' must be a finite number or a list of them, found 1e+39"
    ),
    (
      #"{"id": "x", "lable": 1}"#, "'lable' is not known here; known are id, label, target"
    ),
    (
      #"{"feedback": []}"#,
      "'feedback' must be a list of at least one object, found an array"
    ),
    (#"{"feedback": [3]}"#, "'feedback[0]' must be an object, found a number"),
    (
      #"{"feedback": [{"id": "x", "label": 1}, {"id": "x", "label": 2}]}"#,
      "'feedback[1].id': 'x' is there twice"
    ),
    (
      #"{"feedback": [{"id": "x"}], "label": 1}"#,
      "'label' is not known here; known are feedback"
    ),
  ])
  func malformedBodiesSayWhatIsWrong(text: String, message: String) {
    let error = #expect(throws: ServiceError.self) { try read(text) }
    #expect(error?.status == .badRequest)
    #expect(error?.message == message)
  }

  @Test func damagedBodiesAreErrors() {
    var mutator = Mutator(seed: 3)
    let sample = Array(#"{"feedback": [{"label": 9, "id": "x"}, {"id": "y", "target": [1]}]}"#.utf8)
    var refused = 0
    for _ in 0..<3000 {
      let bytes = mutator.mutate(sample)
      do {
        _ = try bytes.withUnsafeBytes { try FeedbackRequest($0, limits: ServiceLimits()) }
      } catch { refused += 1 }
    }
    #expect(refused > 1500)
  }
}

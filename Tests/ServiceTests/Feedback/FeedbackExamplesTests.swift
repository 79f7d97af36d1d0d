import Datasets
import Tensors
import Testing

@testable import Service

@Suite struct FeedbackExamplesTests {
  @Test func rowsBecomeExamples() throws {
    let schema = try ExampleSchema(rowShape: [3], targets: .classes(["a", "b"]))
    let set = try FeedbackExamples.set(
      [FeedbackFixtures.record(0), FeedbackFixtures.record(1, truth: .label("b"))],
      schema,
      limits: ExampleLimits()
    )
    #expect(set.dataset.features.elements(of: Float.self) == [0, 1, 2, 10, 11, 12])
    #expect(set.dataset.labels.elements(of: Int64.self) == [0, 1])
    #expect(set.warnings == [])
  }

  @Test func whatDoesNotFitIsLeftOutAndCounted() throws {
    let schema = try ExampleSchema(rowShape: [3], targets: .classes(["a", "b"]))
    let set = try FeedbackExamples.set(
      [
        FeedbackFixtures.record(0), FeedbackFixtures.record(1, truth: .label("new")),
        FeedbackFixtures.record(2, shape: [4]), FeedbackFixtures.record(3, truth: .label("new")),
        FeedbackFixtures.record(4, truth: .values([1])),
        FeedbackFixtures.record(5, truth: .label("b")),
      ],
      schema,
      limits: ExampleLimits()
    )
    #expect(set.dataset.features.elements(of: Float.self) == [0, 1, 2, 50, 51, 52])
    #expect(
      set.warnings == [
        "2 of 6 rows of feedback left out: label: expected one of 'a', 'b', or an index of 0 to 1, got 'new'",
        "1 of 6 rows of feedback left out: input: expected 3 numbers ([3]), got 4 numbers",
        "1 of 6 rows of feedback left out: label: expected a label, as the model learns classes, got a target",
      ]
    )
  }

  @Test func newClassesAreCollected() throws {
    let schema = try ExampleSchema(rowShape: [3], targets: .newClasses(nil))
    let set = try FeedbackExamples.set(
      ["b", "10", "9"].enumerated().map { FeedbackFixtures.record($0, truth: .label($1)) },
      schema,
      limits: ExampleLimits()
    )
    #expect(set.labels == ["10", "9", "b"])
    #expect(set.dataset.labels.elements(of: Int64.self) == [2, 0, 1])
  }

  @Test func valuesBecomeTargets() throws {
    let schema = try ExampleSchema(rowShape: [3], targets: .values(2))
    let set = try FeedbackExamples.set(
      [FeedbackFixtures.record(predicted: .values([0, 0]), truth: .values([1.5, -2]))],
      schema,
      limits: ExampleLimits()
    )
    #expect(set.dataset.labels.elements(of: Float.self) == [1.5, -2])
  }

  @Test func noRowIsAProblem() throws {
    let schema = try ExampleSchema(rowShape: [3], targets: .classes(["a"]))
    for records in [[], [FeedbackFixtures.record(truth: .label("b"))]] {
      #expect(throws: ExampleProblems.self) {
        try FeedbackExamples.set(records, schema, limits: ExampleLimits())
      }
    }
  }
}

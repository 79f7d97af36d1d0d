import Testing

@testable import Service

@Suite struct JobSummaryTests {
  func summary(_ text: String) throws -> JobSummary {
    try Array(text.utf8).withUnsafeBytes { JobSummary(try JSONValueReader.read($0)) }
  }

  @Test func anEndedJobSaysWhatCameOut() throws {
    let job = try summary(
      """
      {"id": "ftjob-1", "status": "succeeded", "model": "lenet5", "fine_tuned_model": "lenet5/2", "error": null,
       "created_at": 1700000000, "metrics": {"accuracy": 0.9, "loss": 0.3, "note": "x"},
       "parent_metrics": {"accuracy": 0.1}, "promotion": {"alias": "stable", "promoted": true, "reason": "better"}}
      """
    )
    #expect(job.hasSucceeded)
    #expect(job.fineTunedModel == "lenet5/2")
    #expect(job.error == nil)
    #expect(job.metrics.map(\.name) == ["accuracy", "loss"])
    #expect(job.metrics.map(\.new) == [0.9, 0.3])
    #expect(job.metrics.map(\.parent) == [0.1, nil])
    #expect(job.promotion == .init(alias: "stable", isPromoted: true, reason: "better"))
  }

  @Test func whatIsMissingIsNotMadeUp() throws {
    let job = try summary(#"{"id": "ftjob-1", "status": "failed", "error": {"message": "row 3"}}"#)
    #expect(!job.hasSucceeded)
    #expect(job.error == "row 3")
    #expect(job.metrics == [])
    #expect(job.promotion == nil)
    #expect(try summary("[]").status == "unknown")
  }
}

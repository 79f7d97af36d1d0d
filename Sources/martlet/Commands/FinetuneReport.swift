import CommandLineTool
import Service

/// Text about jobs for the terminal.
enum FinetuneReport {
  /// A table of jobs, the newest first.
  static func jobs(_ list: JSONValue) -> String {
    let jobs = (list["data"]?.elements ?? []).map(JobSummary.init)
    guard !jobs.isEmpty else { return "there are no jobs\n" }
    var table = TextTable([
      ("job", .left), ("status", .left), ("model", .left), ("new version", .left), ("note", .left),
    ])
    for job in jobs {
      let cells = [job.id, job.status, job.model, job.fineTunedModel ?? "", job.error ?? ""]
      table.add(cells.map(\.printable))
    }
    let isCut = list["has_more"]?.flag == true
    return table.text + (isCut ? "older jobs are not shown\n" : "")
  }

  /// What came out: the new version, its metrics beside its parent's, and whether the alias moved.
  static func end(_ job: JobSummary) -> String {
    var text = "\(job.id) \(job.status)\(job.error.map { ": \($0)" } ?? "")".printable + "\n"
    if let model = job.fineTunedModel { text += "new version: \(model)".printable + "\n" }
    if !job.metrics.isEmpty {
      var table = TextTable([("held-out", .left), ("new", .right), ("present", .right)])
      for metric in job.metrics {
        let numbers = [metric.new, metric.parent].map { $0.map(LineChart.text) ?? "-" }
        table.add([metric.name.printable] + numbers)
      }
      text += table.text
    }
    if let promotion = job.promotion {
      let reason = promotion.reason.map { ": \($0)" } ?? ""
      let line =
        promotion.isPromoted
        ? "alias \(promotion.alias) moved to it\(reason)"
        : "alias \(promotion.alias) stays where it is\(reason)"
      text += line.printable + "\n"
    }
    return text
  }
}

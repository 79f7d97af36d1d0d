/// What a job's document says to somebody who waited for its end.
///
/// Read from OpenAI's `status`, `fine_tuned_model` and `error`, and from our `metrics`, `parent_metrics` (names with numbers, of the new
/// version and of the one that it is compared with) and `promotion` (`alias`, `promoted`, `reason`).
package struct JobSummary: Equatable, Sendable {
  /// A number on the held-out examples.
  package struct Metric: Equatable, Sendable {
    package let name: String
    package let new: Double?
    package let parent: Double?
  }

  /// What became of the alias.
  package struct Promotion: Equatable, Sendable {
    package let alias: String
    package let isPromoted: Bool
    package let reason: String?
  }

  package let id: String
  package let status: String
  /// What the job started from, as the request named it.
  package let model: String
  /// `<model>/<version>`, once there is one.
  package let fineTunedModel: String?
  package let error: String?
  package let metrics: [Metric]
  package let promotion: Promotion?

  package init(_ document: JSONValue) {
    id = document["id"]?.text ?? "?"
    status = document["status"]?.text ?? "unknown"
    model = document["model"]?.text ?? "?"
    fineTunedModel = document["fine_tuned_model"]?.text
    error = document["error"]?["message"]?.text
    metrics = Self.metrics(document)
    promotion = document["promotion"].flatMap { value in
      guard let alias = value["alias"]?.text, let isPromoted = value["promoted"]?.flag else {
        return nil
      }
      return Promotion(alias: alias, isPromoted: isPromoted, reason: value["reason"]?.text)
    }
  }

  package var hasSucceeded: Bool { status == "succeeded" }

  private static func metrics(_ document: JSONValue) -> [Metric] {
    guard case .object(let members)? = document["metrics"] else { return [] }
    let parent = document["parent_metrics"]
    return members.compactMap { member in
      guard let new = member.value.double else { return nil }
      return Metric(name: member.key, new: new, parent: parent?[member.key]?.double)
    }
  }
}

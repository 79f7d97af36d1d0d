import Glibc
import HTTP
import Storage

/// The routes by which users tell what was true of rows that were predicted.
struct FeedbackEndpoints {
  let store: FeedbackStore
  let limits: ServiceLimits

  // MARK: - Ids

  /// What answers a prediction that asks for ids.
  ///
  /// - Throws: `ServiceError` 400 where rows of this model cannot be kept.
  func reply(
    _ responder: Responder,
    _ writer: PredictionWriter,
    _ host: ModelHost,
    _ pending: PendingPrediction
  ) throws(ServiceError) -> TrackedReply {
    let schema: ExampleSchema
    do {
      schema = try host.exampleSchema.get()
    } catch {
      throw ServiceError(error.status, "no ids for this model: \(error.message)")
    }
    let byteCount = schema.valueCount * MemoryLayout<Float>.stride
    guard byteCount <= limits.feedbackRowBytes,
      let feedback = store.feedback(of: host.name)
    else {
      throw .invalid(
        "no ids for this model: a row has \(byteCount) bytes, at most \(limits.feedbackRowBytes) are kept"
      )
    }
    return TrackedReply(
      responder: responder,
      writer: writer,
      host: host,
      schema: schema,
      recent: feedback.recent,
      pending: pending
    )
  }

  // MARK: - Telling

  /// `POST /v1/models/{model}:feedback`: answers once the rows are on the disk.
  func give(_ model: String, _ request: Request, _ responder: Responder) throws(ServiceError) {
    try BodyKind.requireIdentityCoding(request)
    guard let feedback = store.feedback(of: model) else { return }
    feedback.perform { [limits] result in
      do throws(ServiceError) {
        let told = try FeedbackRequest(request.body, limits: limits)
        let answer = try Self.store(told, feedback.recent, result)
        responder.respond(answer.status, .json) { answer.append(to: &$0) }
      } catch {
        responder.fail(error)
      }
    }
  }

  /// What became of a request.
  private struct Answer {
    var accepted = 0
    /// Ids that nobody has, or no longer.
    var unknown: [String] = []
    /// Labels that the versions did not know.
    var newLabels: [String] = []

    var status: Status { accepted > 0 ? .ok : .notFound }

    func append(to buffer: inout ByteBuffer) {
      var members: [JSONValue.Member] = []
      if accepted == 0 {
        members.append(
          .init("error", "none of the ids is known: they are told already, too old or wrong")
        )
      }
      members.append(.init("accepted", JSONValue(accepted)))
      members.append(.init("unknown", .array(unknown.map { .string($0) })))
      if !newLabels.isEmpty {
        members.append(.init("new_labels", .array(newLabels.map { .string($0) })))
      }
      buffer.append(json: .object(members))
    }
  }

  /// Moves the rows of a request from memory to disk.
  private static func store(
    _ request: FeedbackRequest,
    _ recent: RecentPredictions,
    _ buffer: Result<FeedbackBuffer, FormatError>
  ) throws(ServiceError) -> Answer {
    var answer = Answer()
    var records: [FeedbackRecord] = []
    var ids: [PredictionID] = []
    let now = MonotonicClock.now()
    let time = Double(Glibc.time(nil))
    for item in request.items {
      guard let id = PredictionID(item.id), let entry = recent.entry(id, now: now) else {
        answer.unknown.append(item.id)
        continue
      }
      let truth = try truth(item, entry)
      if case .label(let name) = truth,
        !entry.labels.contains(where: { name.utf8.elementsEqual($0.utf8) }),
        !answer.newLabels.contains(name)
      {
        answer.newLabels.append(name)
      }
      records.append(
        FeedbackRecord(
          id: item.id,
          time: time,
          version: entry.version,
          predicted: entry.predicted,
          truth: truth,
          shape: entry.shape,
          row: entry.row
        )
      )
      ids.append(id)
    }
    guard !records.isEmpty else { return answer }
    if case .success(let buffer) = buffer, !answer.newLabels.isEmpty {
      let labels = Set(buffer.labels.keys).union(answer.newLabels)
      guard labels.count <= ExampleLimits().labels else {
        throw .invalid(
          "these would be \(labels.count) different labels; at most \(ExampleLimits().labels) can be learnt"
        )
      }
    }
    do throws(FormatError) {
      try buffer.get().append(records) { stored in
        recent.remove(ids[answer.accepted...].prefix(stored.count))
        answer.accepted += stored.count
      }
    } catch {
      // Where the state folder lies is nobody's business but the operator's.
      throw ServiceError(
        .internalServerError,
        "the server cannot store feedback; \(answer.accepted) of \(records.count) rows are stored"
      )
    }
    return answer
  }

  /// What is true of a row, in the words of the version that predicted it.
  private static func truth(
    _ item: FeedbackRequest.Item,
    _ entry: RecentPredictions.Entry
  ) throws(ServiceError) -> Prediction {
    switch (item.truth, entry.predicted) {
    case (.name(let name), .label): return .label(name)
    case (.index(let index), .label):
      guard entry.labels.indices.contains(index) else {
        throw .invalid(
          "'\(item.path)label': version \(entry.version) has the classes 0 to \(entry.labels.count - 1), got \(index); a new class needs a name"
        )
      }
      return .label(entry.labels[index])
    case (.values(let values), .values(let predicted)):
      guard values.count == predicted.count else {
        throw .invalid(
          "'\(item.path)target': expected \(predicted.count) numbers, got \(values.count)"
        )
      }
      return .values(values)
    case (.values, .label):
      throw .invalid("'\(item.path)target': the model predicts classes: send 'label'")
    case (_, .values):
      throw .invalid("'\(item.path)label': the model predicts values: send 'target'")
    }
  }

  // MARK: - Reading

  /// `GET /v1/models/{model}/feedback`.
  func status(_ model: String, _ responder: Responder) {
    guard let feedback = store.feedback(of: model) else { return }
    feedback.perform { result in
      guard case .success(let buffer) = result else {
        responder.fail(ServiceError(.internalServerError, "the server cannot read its feedback"))
        return
      }
      let summary = FeedbackSummary(
        statistics: buffer.statistics,
        count: buffer.count,
        labels: buffer.labels,
        waitingCount: feedback.recent.count
      )
      responder.respond(.ok, .json) { $0.append(json: FeedbackDocument.json(model, summary)) }
    }
  }
}

import Dispatch
import HTTP
import Jobs
import Synchronization

/// Answers the admin routes about fine-tuning jobs.
///
/// What touches the disk or reads examples is done on queues of its own, never on an event loop.
final class JobEndpoints: Sendable {
  private let service: FineTuningService
  private let work = DispatchQueue(
    label: "fine-tuning requests",
    qos: .utility,
    attributes: .concurrent
  )
  private let streams = DispatchQueue(label: "fine-tuning events", qos: .utility)

  private let openStreams = Atomic<Int>(0)

  /// Entries of one page where a request says nothing, and at most.
  private static let pageEntries = 20
  private static let pageEntriesMax = 100

  init(_ service: FineTuningService) { self.service = service }

  /// `POST /admin/v1/fine_tuning/jobs`.
  func create(_ request: Request, _ responder: Responder) {
    answer(responder) { [service] in
      // The request's bytes stay until it is answered.
      let job = try service.create(request.body)
      return JobDocument.value(of: job, progress: nil)
    }
  }

  /// `GET /admin/v1/fine_tuning/jobs`, the newest first.
  func list(_ request: Request, _ responder: Responder) throws {
    let limit = try Self.limit(request)
    let after = request.queryValue("after")
    answer(responder) { [service] in
      let page = try service.queue.list(after: after, limit: limit)
      let data = page.jobs.map { JobDocument.value(of: $0, progress: service.progress(of: $0)) }
      return Self.list(data, hasMore: page.hasMore)
    }
  }

  /// `GET /admin/v1/fine_tuning/jobs/{job}`.
  func get(_ request: Request, _ responder: Responder) {
    let id = request.parameter(0)
    answer(responder) { [service] in try service.document(of: service.queue.job(id)) }
  }

  /// `POST .../cancel`.
  func cancel(_ request: Request, _ responder: Responder) {
    let id = request.parameter(0)
    answer(responder) { [service] in try service.document(of: service.queue.cancel(id)) }
  }

  /// `POST .../pause`.
  func pause(_ request: Request, _ responder: Responder) {
    let id = request.parameter(0)
    answer(responder) { [service] in try service.document(of: service.queue.pause(id)) }
  }

  /// `POST .../resume`.
  func resume(_ request: Request, _ responder: Responder) {
    let id = request.parameter(0)
    answer(responder) { [service] in try service.document(of: service.queue.resume(id)) }
  }

  /// `GET .../events`: a page, the newest first, or a live stream for `Accept: text/event-stream`.
  func events(_ request: Request, _ responder: Responder) throws {
    let id = request.parameter(0)
    if Self.wantsStream(request) { return try stream(id, request, responder) }
    let limit = try Self.limit(request)
    let after = request.queryValue("after")
    answer(responder) { [service] in
      let last = try service.queue.lastEvent(of: id)
      let end = try after.map { try Self.sequence($0, id, "after") - 1 } ?? last
      let start = max(0, end - limit)
      let page = try service.queue.events(of: id, after: start, limit: end - start)
      return Self.list(page.events.reversed().map(EventDocument.value), hasMore: start > 0)
    }
  }

  /// `GET .../checkpoints`: the state after each epoch, the newest first.
  func checkpoints(_ request: Request, _ responder: Responder) throws {
    let id = request.parameter(0)
    let limit = try Self.limit(request)
    let after = request.queryValue("after")
    answer(responder) { [service] in
      var all = try FineTuningService.allEvents(of: id, service.queue)
        .compactMap(CheckpointDocument.value)
      all.reverse()
      if let after {
        guard let index = all.firstIndex(where: { $0["id"] == .string(after) }) else {
          throw AdminError(
            .notFound,
            "there is no checkpoint '\(after.prefix(64))'",
            code: "checkpoint_not_found",
            parameter: "after"
          )
        }
        all.removeFirst(index + 1)
      }
      let page = Array(all.prefix(limit))
      return Self.list(page, hasMore: page.count < all.count)
    }
  }

  // MARK: - Parts

  private static func wantsStream(_ request: Request) -> Bool {
    if request.queryValue("stream") == "true" { return true }
    var wants = false
    request.headers["accept"]?.forEachListElement { element in
      wants = wants || element.hasPrefix("text/event-stream")
      return true
    }
    return wants
  }

  private func stream(_ id: String, _ request: Request, _ responder: Responder) throws {
    _ = try job(id)
    var sequence = 0
    if let field = request.headers["last-event-id"], let text = field.string, !text.isEmpty {
      sequence = try Self.sequence(text, id, "Last-Event-ID")
    }
    try admitStream()
    let stream = responder.stream(.ok, .eventStream, headers: ["Cache-Control": "no-store"])
    JobEventStream(
      service.queue,
      id,
      after: sequence,
      stream,
      on: streams,
      document: { [service] in service.document(of: $0) },
      onEnd: { [self] in openStreams.subtract(1, ordering: .relaxed) }
    ).start()
  }

  /// Counts a stream that is about to begin.
  ///
  /// - Throws: `AdminError` 503 where as many are open as may be.
  private func admitStream() throws(AdminError) {
    let count = openStreams.add(1, ordering: .relaxed).newValue
    guard count > service.eventStreamsMax else { return }
    openStreams.subtract(1, ordering: .relaxed)
    throw AdminError(
      .serviceUnavailable,
      "\(service.eventStreamsMax) streams of events are open, as many as there may be; close one, or read pages",
      code: "too_many_streams",
      // A client that has gone is noticed at the next ping.
      retryAfterSeconds: Int(JobEventStream.pingSeconds)
    )
  }

  private func job(_ id: String) throws -> JobRecord {
    do {
      return try service.queue.job(id)
    } catch { throw AdminError(error) }
  }

  private static func sequence(_ text: String, _ id: String, _ parameter: String) throws -> Int {
    guard let sequence = JobEvent.sequence(of: text, jobID: id) else {
      throw AdminError.invalid(
        "'\(parameter)' is '\(text.prefix(64))', which is no event of job '\(id)'",
        parameter: parameter
      )
    }
    return sequence
  }

  private static func limit(_ request: Request) throws(AdminError) -> Int {
    guard let text = request.queryValue("limit") else { return pageEntries }
    let value = Array(text.utf8).withUnsafeBytes { BorrowedBytes($0).decimal }
    guard let value, (1...pageEntriesMax).contains(value) else {
      throw .invalid("limit must be a number from 1 to \(pageEntriesMax)", parameter: "limit")
    }
    return value
  }

  private static func list(_ data: [JSONValue], hasMore: Bool) -> JSONValue {
    func id(_ value: JSONValue?) -> JSONValue { value?["id"] ?? .null }
    return [
      "object": "list", "data": .array(data), "first_id": id(data.first), "last_id": id(data.last),
      "has_more": .bool(hasMore),
    ]
  }

  /// Answers with what `body` makes, off the event loop.
  private func answer(_ responder: Responder, _ body: @escaping @Sendable () throws -> JSONValue) {
    work.async {
      do {
        let value = try body()
        responder.respond(.ok, .json) { $0.append(json: value) }
      } catch {
        responder.fail(AdminError(error))
      }
    }
  }
}

extension FineTuningService {
  /// A job as the API shows it.
  func document(of job: JobRecord) -> JSONValue {
    JobDocument.value(of: job, progress: progress(of: job))
  }
}

extension AdminError {
  /// What the job queue refuses.
  init(_ error: JobError) {
    let (status, code): (Status, String) =
      switch error {
      case .notFound: (.notFound, "job_not_found")
      case .illegalTransition, .notActive: (.conflict, "job_state")
      case .queueFull: (.tooManyRequests, "queue_full")
      case .tooLarge: (.contentTooLarge, "too_large")
      case .empty: (.badRequest, "invalid_request")
      case .noThread: (.serviceUnavailable, "no_thread")
      }
    self.init(
      status,
      "\(error)",
      code: code,
      retryAfterSeconds: status == .tooManyRequests ? Self.queueRetrySeconds : nil
    )
  }

  /// When a client may try again where the queue of jobs is full, seconds.
  private static let queueRetrySeconds = 30
}

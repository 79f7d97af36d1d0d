import Dispatch
import HTTP
import Jobs
import Synchronization

/// Sends the events of a job to one client as they happen, until the job has ended or the client has gone.
///
/// Every event carries its id; a client that comes back with `Last-Event-ID` misses none. Between them pings keep the connection alive.
///
/// `@unchecked Sendable`: everything but `isScheduled` is touched on `queue` only.
final class JobEventStream: @unchecked Sendable {
  private let jobs: JobQueue
  private let id: String
  private let stream: ResponseStream
  private let document: @Sendable (JobRecord) -> JSONValue
  private let queue: DispatchQueue
  private let isScheduled = Atomic<Bool>(false)
  /// Number of the last event that was sent.
  private var sent: Int
  private var subscription: JobSubscription?
  private var timer: (any DispatchSourceTimer)?
  private let onEnd: @Sendable () -> Void
  /// Whether the client has yet to read before it gets more.
  private var isWaiting = false
  private var isOver = false

  /// Seconds between two pings.
  static let pingSeconds = 15.0
  /// Events sent at once, before the client has read some.
  private static let batch = 100

  /// - Parameters:
  ///   - jobs: where the events are.
  ///   - id: the job.
  ///   - sequence: number of the last event that the client has seen, 0 for none.
  ///   - stream: the answer.
  ///   - queue: where everything is done; serial.
  ///   - document: makes the last message of the job's record.
  ///   - onEnd: called once, when nothing more is sent.
  init(
    _ jobs: JobQueue,
    _ id: String,
    after sequence: Int,
    _ stream: ResponseStream,
    on queue: DispatchQueue,
    document: @escaping @Sendable (JobRecord) -> JSONValue,
    onEnd: @escaping @Sendable () -> Void
  ) {
    self.jobs = jobs
    self.id = id
    self.stream = stream
    self.document = document
    self.onEnd = onEnd
    self.queue = queue
    sent = sequence
  }

  /// Begins to send.
  ///
  /// What is registered here keeps the object until its end.
  func start() {
    queue.async { [self] in
      subscription = jobs.observe(id) { [self] in schedule() }
      let timer = DispatchSource.makeTimerSource(queue: queue)
      timer.schedule(deadline: .now() + Self.pingSeconds, repeating: Self.pingSeconds)
      timer.setEventHandler { [self] in
        if stream.isCancelled { end() } else { stream.write(ServerSentEvent.ping) }
      }
      timer.resume()
      self.timer = timer
      send()
    }
  }

  private func schedule() {
    // Many changes may come before the queue gets to it; one look serves them all.
    guard !isScheduled.exchange(true, ordering: .acquiringAndReleasing) else { return }
    queue.async { [self] in
      isScheduled.store(false, ordering: .releasing)
      send()
    }
  }

  private func send() {
    guard !isOver, !isWaiting else { return }
    guard !stream.isCancelled else { return end() }
    do {
      // The record first: a job that has ended writes no events afterwards.
      let job = try jobs.job(id)
      let page = try jobs.events(of: id, after: sent, limit: Self.batch)
      for event in page.events {
        sent = event.sequence
        let text = String(decoding: EventDocument.value(of: event).bytes, as: UTF8.self)
        stream.write(
          ServerSentEvent(id: event.id, event: event.content.kind.rawValue, data: text).bytes
        )
      }
      if page.hasMore {
        isWaiting = true
        stream.whenReady { [self] in
          queue.async { [self] in
            isWaiting = false
            send()
          }
        }
      } else if job.status.isFinal {
        let text = String(decoding: document(job).bytes, as: UTF8.self)
        stream.write(ServerSentEvent(event: "done", data: text).bytes)
        stream.finish()
        end()
      }
    } catch {
      let body: JSONValue = ["error": ["message": .string("\(error)"), "code": "job_unreadable"]]
      let text = String(decoding: body.bytes, as: UTF8.self)
      stream.write(ServerSentEvent(event: "error", data: text).bytes)
      stream.finish()
      end()
    }
  }

  private func end() {
    guard !isOver else { return }
    isOver = true
    onEnd()
    subscription = nil
    timer?.cancel()
    timer = nil
  }
}

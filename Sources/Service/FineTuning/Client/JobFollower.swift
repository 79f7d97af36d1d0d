import HTTP

/// Follows the events of a job to its end, over broken connections and restarts of the server.
package struct JobFollower {
  /// Attempts in a row without an event between them.
  package static let attemptCountMax = 10
  /// The pause before the first attempt to reconnect, seconds; it doubles from one to the next.
  package static let firstPauseSeconds = 0.25
  /// The longest pause, seconds: ten attempts take about 50 s.
  package static let pauseSecondsMax = 8.0

  private let client: FineTuningClient
  private let pause: (Double) -> Void

  /// A follower that waits between attempts by calling `pause` with a number of seconds.
  package init(_ client: FineTuningClient, pause: @escaping (Double) -> Void) {
    self.client = client
    self.pause = pause
  }

  /// Calls `receive` for each event until the job has ended.
  ///
  /// - Returns: The document of the job.
  /// - Throws: `ClientProblem` where the server refuses, or stays away for `attemptCountMax` attempts.
  package func follow(
    _ job: String,
    _ receive: (FollowedEvent) -> Void
  ) throws(ClientProblem) -> JSONValue {
    var lastEventID: String?
    var attempt = 0
    var seconds = Self.firstPauseSeconds
    while true {
      do throws(ClientProblem) {
        let document = try read(job, &lastEventID) { event in
          attempt = 0
          seconds = Self.firstPauseSeconds
          receive(event)
        }
        if let document { return document }
        throw ClientProblem("the stream of events broke off")
      } catch {
        attempt += 1
        guard error.isTemporary, attempt <= Self.attemptCountMax else { throw error }
        receive(.reconnecting(attempt: attempt, seconds: seconds, error))
        pause(seconds)
        seconds = min(seconds * 2, Self.pauseSecondsMax)
      }
    }
  }

  /// Reads one stream to its end.
  ///
  /// - Returns: The job's document, where the stream says that the job has ended.
  private func read(
    _ job: String,
    _ lastEventID: inout String?,
    _ receive: (FollowedEvent) -> Void
  ) throws(ClientProblem) -> JSONValue? {
    let stream = try client.events(of: job, after: lastEventID)
    while let event = try next(stream) {
      let document = try FineTuningClient.value(Array(event.data.utf8))
      // The event's own: the parser may be ahead, in an event that never comes whole.
      lastEventID = event.id
      if event.event == "done" { return document }
      if let event = FollowedEvent(event, document) { receive(event) }
    }
    return nil
  }

  private func next(_ stream: ClientEventStream) throws(ClientProblem) -> ServerSentEvent? {
    do throws(HTTPClient.Failure) {
      return try stream.next()
    } catch { throw ClientProblem(error, client.address) }
  }
}

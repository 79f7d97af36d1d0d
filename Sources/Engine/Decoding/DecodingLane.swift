import Synchronization

/// Runs a decode loop: takes requests from any thread, and steps on `ModelThreads` while there is something to do.
///
/// `@unchecked Sendable`: one piece of the lane's work runs at a time, and only it touches the loop, except for what never changes.
package final class DecodingLane: @unchecked Sendable {
  /// What the lane tells of its work.
  package struct Hooks: Sendable {
    /// Called before a step and after it.
    package var stepBegins: @Sendable () -> Void
    package var stepEnds: @Sendable () -> Void

    /// By default it tells nobody.
    package init(
      stepBegins: @escaping @Sendable () -> Void = {},
      stepEnds: @escaping @Sendable () -> Void = {}
    ) {
      self.stepBegins = stepBegins
      self.stepEnds = stepEnds
    }
  }

  private struct State {
    /// Requests that the loop has not taken yet.
    var inbox: [(DecodingRequest, any DecodingObserver)] = []
    /// Whether a piece runs or is about to.
    var isRunning = false
    /// Streams that were taken and wait for rows.
    var waitingInLoop = 0
    /// Streams that were taken and have not ended, as of the last step.
    var streamsInLoop = 0
  }

  private let loop: DecodingLoop
  private let hooks: Hooks
  private let waitingMax: Int
  private let state = Mutex(State())

  /// - Parameters:
  ///   - loop: Nobody else may use it from now on.
  ///   - limits: The number of waiting streams is read.
  ///   - hooks: What the lane tells of its work.
  package init(
    _ loop: sending DecodingLoop,
    limits: DecodingLimits = DecodingLimits(),
    hooks: Hooks = Hooks()
  ) {
    self.loop = loop
    self.hooks = hooks
    waitingMax = limits.waitingStreams
  }

  /// Streams that have no rows yet.
  package var waitingCount: Int { state.withLock { $0.inbox.count + $0.waitingInLoop } }

  /// Streams that have not ended.
  var streamCount: Int { state.withLock { $0.inbox.count + $0.streamsInLoop } }

  /// Begins a stream; returns at once.
  ///
  /// The stream ends early, within a step, once the observer's `isCancelled` is true.
  ///
  /// - Throws: `DecodingError.request` for one that is not possible, `overloaded` where too many wait; the observer is not called
  ///   then.
  package func submit(
    _ request: DecodingRequest,
    _ observer: any DecodingObserver
  ) throws(DecodingError) {
    try loop.validate(request)
    let (waiting, starts) = state.withLock { state -> (Int, Bool) in
      let waiting = state.inbox.count + state.waitingInLoop
      guard waiting < waitingMax else { return (waiting, false) }
      state.inbox.append((request, observer))
      defer { state.isRunning = true }
      return (waiting, !state.isRunning)
    }
    guard waiting < waitingMax else { throw .overloaded(waiting: waiting, limit: waitingMax) }
    if starts { ModelThreads.run { self.step() } }
  }

  /// Steps once, with the requests that came since.
  ///
  /// - Returns: Whether there was anything to do; where not, the next request begins anew.
  private func step() -> Bool {
    let (requests, goesOn) = state.withLock { state in
      state.waitingInLoop = loop.waitingCount + state.inbox.count
      state.streamsInLoop = loop.streamCount + state.inbox.count
      state.isRunning = state.streamsInLoop > 0
      let requests = state.inbox
      if !requests.isEmpty { state.inbox = [] }
      return (requests, state.isRunning)
    }
    for (request, observer) in requests {
      do throws(DecodingError) {
        try loop.add(request, observer)
      } catch {
        observer.failed(error)
      }
    }
    if !loop.isIdle {
      hooks.stepBegins()
      _ = loop.step()
      hooks.stepEnds()
    }
    return goesOn
  }
}

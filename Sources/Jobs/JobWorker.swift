import Dispatch
import Synchronization

/// The threads that do the jobs of a queue: one for each job that may run at a time, and one that
/// validates, so that a bad specification is told while others train.
package final class JobWorker: Sendable {
  /// What a thread is for.
  package enum Role: Sendable, Equatable {
    /// Looks at the specifications of new jobs.
    case validation
    /// Runs jobs; numbered from 0.
    case run(Int)
  }

  /// How long a thread waits after a failure of the store before it tries again, milliseconds.
  package static let retryMilliseconds = 1000

  private let queue: JobQueue
  private let executor: any JobExecutor
  private let onThreadStart: @Sendable (Role) -> Void
  private let threads = DispatchGroup()
  private let isStopping = Atomic<Bool>(false)
  private let wakes: [DispatchSemaphore]
  private let subscription = Mutex<JobSubscription?>(nil)

  /// Workers for a queue; none runs before `start`.
  ///
  /// - Parameters:
  ///   - queue: where the jobs come from.
  ///   - executor: what does them.
  ///   - onThreadStart: called first on each thread, as to lower its scheduling class.
  package init(
    _ queue: JobQueue,
    executor: any JobExecutor,
    onThreadStart: @escaping @Sendable (Role) -> Void = { _ in }
  ) {
    self.queue = queue
    self.executor = executor
    self.onThreadStart = onThreadStart
    wakes = (0...max(queue.limits.concurrency, 0)).map { _ in DispatchSemaphore(value: 0) }
  }

  /// Starts the threads; once only.
  ///
  /// - Throws: `JobError.noThread`; the threads that did start are stopped again.
  package func start() throws(JobError) {
    let wakes = wakes
    subscription.withLock { subscription in
      subscription = queue.observeOrder { for wake in wakes { wake.signal() } }
    }
    for (index, wake) in wakes.enumerated() {
      let role: Role = index == 0 ? .validation : .run(index - 1)
      threads.enter()
      do throws(JobError) {
        try WorkerThread.start { [self] in
          onThreadStart(role)
          work(role, wake)
          threads.leave()
        }
      } catch {
        threads.leave()
        shutdown()
        throw error
      }
    }
  }

  /// Asks all executors to stop and waits until they have, with their jobs queued again for the next start.
  ///
  /// An executor that looks at `isStopRequested` only now and then is waited for as long as it takes.
  package func shutdown() {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    queue.beginShutdown()
    for wake in wakes { wake.signal() }
    threads.wait()
    subscription.withLock { $0 = nil }
  }

  // MARK: - On a worker's thread

  private var mustStop: Bool { isStopping.load(ordering: .sequentiallyConsistent) }

  private func work(_ role: Role, _ wake: DispatchSemaphore) {
    while !mustStop {
      do {
        let context =
          role == .validation ? try queue.takeForValidation() : try queue.takeForRun()
        guard let context else {
          wake.wait()
          // Many changes may have signalled meanwhile; one look at the queue serves them all.
          while wake.wait(timeout: .now()) == .success {}
          continue
        }
        settle(context.job.id, role == .validation ? validate(context) : run(context), wake)
      } catch {
        pause(wake)
      }
    }
  }

  private enum Outcome {
    case validated
    case succeeded([UInt8])
    case failed(JobFailure)
    case interrupted
  }

  private func validate(_ context: JobContext) -> Outcome {
    do {
      try executor.validate(context.job, context)
      return .validated
    } catch {
      return Self.outcome(of: error)
    }
  }

  private func run(_ context: JobContext) -> Outcome {
    do {
      return .succeeded(try executor.run(context.job, context))
    } catch {
      return Self.outcome(of: error)
    }
  }

  private static func outcome(of error: any Error) -> Outcome {
    switch error {
    case is JobInterruption: .interrupted
    case let failure as JobFailure: .failed(failure)
    default: .failed(JobFailure(code: "internal_error", message: "\(error)"))
    }
  }

  /// Reports how an attempt ended, again and again where the store fails; the job counts as
  /// interrupted by a crash where the process ends first.
  private func settle(_ id: String, _ outcome: Outcome, _ wake: DispatchSemaphore) {
    var outcome = outcome
    while true {
      do {
        switch outcome {
        case .validated: try queue.validated(id)
        case .succeeded(let result): try queue.succeed(id, result: result)
        case .failed(let failure): try queue.fail(id, failure)
        case .interrupted: try queue.interrupted(id)
        }
        return
      } catch JobError.tooLarge(let field, let count, let limit) {
        let error = JobError.tooLarge(field: field, count: count, limit: limit)
        outcome = .failed(JobFailure(code: "result_too_large", message: "\(error)"))
      } catch is JobError {
        return
      } catch {
        if mustStop { return }
        pause(wake)
      }
    }
  }

  private func pause(_ wake: DispatchSemaphore) {
    _ = wake.wait(timeout: .now() + .milliseconds(Self.retryMilliseconds))
  }
}

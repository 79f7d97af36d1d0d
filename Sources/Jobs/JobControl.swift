import Synchronization

/// The flag between the queue and the executor that has a job.
final class JobControl: Sendable {
  private let reason = Atomic<UInt8>(0)
  /// True once anything was asked, even if it was taken back: the executor may have seen it.
  private let wasAsked = Atomic<Bool>(false)

  var stopReason: StopReason? { StopReason(rawValue: reason.load(ordering: .relaxed)) }

  var mayInterrupt: Bool { wasAsked.load(ordering: .relaxed) }

  /// Asks to stop; the strongest reason stays.
  func request(_ new: StopReason) {
    wasAsked.store(true, ordering: .relaxed)
    reason.max(new.rawValue, ordering: .relaxed)
  }

  /// Takes a pause back.
  func resume() {
    _ = reason.compareExchange(
      expected: StopReason.pause.rawValue,
      desired: 0,
      ordering: .relaxed
    )
  }
}

/// Why an executor shall stop; a cancel outweighs a pause, a pause outweighs the shutdown.
package enum StopReason: UInt8, Sendable {
  /// The process ends; the job goes on after the next start.
  case shutdown = 1
  /// The job goes on when somebody resumes it.
  case pause = 2
  /// The job ends for good.
  case cancel = 3
}

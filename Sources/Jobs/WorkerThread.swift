import Glibc

/// A plain thread: jobs run for long, which the pools of Dispatch and Swift concurrency are not made for,
/// and may give their own thread another scheduling class.
enum WorkerThread {
  private final class Body: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts a detached thread.
  ///
  /// - Throws: `JobError.noThread`; `run` is then never called.
  static func start(_ run: @escaping @Sendable () -> Void) throws(JobError) {
    let body = Unmanaged.passRetained(Body(run))
    var thread = pthread_t()
    let code = pthread_create(
      &thread,
      nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      },
      body.toOpaque()
    )
    guard code == 0 else {
      body.release()
      throw .noThread(code: code)
    }
    pthread_detach(thread)
  }
}

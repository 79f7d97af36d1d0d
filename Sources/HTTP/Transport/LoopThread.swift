internal import CLinux
internal import Glibc

/// A plain thread: loops block for long, which the pools of Dispatch and Swift concurrency are not
/// made for.
enum LoopThread {
  private final class Body: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(_ name: String, _ run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  /// Starts a detached thread; its name shows in `top -H`.
  static func start(name: String, _ run: @escaping @Sendable () -> Void) {
    let body = Unmanaged.passRetained(Body(name, run))
    var thread = pthread_t()
    let result = pthread_create(
      &thread,
      nil,
      { argument in
        guard let argument else { return nil }
        let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        martlet_pthread_setname(pthread_self(), body.name)
        body.run()
        return nil
      },
      body.toOpaque()
    )
    precondition(result == 0, "pthread_create: error \(result)")
    pthread_detach(thread)
  }
}

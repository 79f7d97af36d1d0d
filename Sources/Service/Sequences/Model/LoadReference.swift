import Synchronization

/// The server's load, once a model is served: before that nobody is told.
final class LoadReference: Sendable {
  private let load = Mutex<ServingLoad?>(nil)

  func attach(_ load: ServingLoad) { self.load.withLock { $0 = load } }

  func batchBegins() { load.withLock { $0 }?.batchBegins() }
  func batchEnds() { load.withLock { $0 }?.batchEnds() }
}

internal import Synchronization

/// Whether predictions are running now: what a training looks at before it goes on.
package final class ServingLoad: Sendable {
  private let running = Atomic<Int>(0)

  package init() {}

  /// Batches that run at this moment, over all models.
  package var runningBatches: Int { running.load(ordering: .relaxed) }

  func batchBegins() { running.wrappingAdd(1, ordering: .relaxed) }

  func batchEnds() { running.wrappingSubtract(1, ordering: .relaxed) }
}

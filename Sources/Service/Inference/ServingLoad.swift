internal import Synchronization

/// Whether predictions are asked for: what a training looks at before it goes on.
package final class ServingLoad: Sendable {
  private let begun = Atomic<UInt64>(0)
  private let running = Atomic<Int>(0)

  package init() {}

  /// Batches that run at this moment, over all models.
  package var runningBatches: Int { running.load(ordering: .relaxed) }

  /// Batches that were begun since the start.
  package var batchCount: UInt64 { begun.load(ordering: .relaxed) }

  func batchBegins() {
    begun.wrappingAdd(1, ordering: .relaxed)
    running.wrappingAdd(1, ordering: .relaxed)
  }

  func batchEnds() { running.wrappingSubtract(1, ordering: .relaxed) }
}

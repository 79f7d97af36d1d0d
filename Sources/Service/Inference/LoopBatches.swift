/// What one event loop has collected in this iteration, to run at its end.
///
/// Only that loop's thread touches it.
final class LoopBatches {
  private var slots: [Slot] = []

  /// The requests for one lane; kept for another lane once they have run.
  private struct Slot {
    /// nil while there are no requests: a lane that was unloaded must not live on here.
    var lane: Lane?
    var requests: [PendingPrediction] = []
    var rows = 0

    mutating func run() {
      lane?.runInline(requests)
      lane = nil
      requests.removeAll(keepingCapacity: true)
      rows = 0
    }
  }

  /// Runs the request at the end of the iteration, or lets the lane have it.
  ///
  /// A batch that is full runs at once, while its rows are still in the cache.
  func submit(_ request: PendingPrediction, to lane: Lane) {
    let index = slotIndex(of: lane)
    let rows = slots[index].rows + request.rowCount
    guard lane.prefersInline(rows: rows) else {
      lane.enqueue(request)
      return
    }
    slots[index].lane = lane
    slots[index].requests.append(request)
    slots[index].rows = rows
    if rows >= lane.rowsPerBatch { slots[index].run() }
  }

  private func slotIndex(of lane: Lane) -> Int {
    if let index = slots.firstIndex(where: { $0.lane === lane }) { return index }
    if let index = slots.firstIndex(where: { $0.lane == nil }) { return index }
    slots.append(Slot())
    return slots.count - 1
  }

  /// Runs everything collected.
  func run() {
    for index in slots.indices where slots[index].lane != nil { slots[index].run() }
  }
}

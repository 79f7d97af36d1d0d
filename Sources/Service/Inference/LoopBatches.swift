/// What one event loop has collected in this iteration, to run at its end.
///
/// Only that loop's thread touches it.
final class LoopBatches {
  private var entries: [Entry] = []

  private struct Entry {
    let lane: Lane
    var requests: [PendingPrediction] = []
    var rows = 0
  }

  /// Runs the request at the end of the iteration, or lets the lane have it.
  func submit(_ request: PendingPrediction, to lane: Lane) {
    let index = entries.firstIndex { $0.lane === lane } ?? entries.count
    let rows = request.rowCount + (index < entries.count ? entries[index].rows : 0)
    guard lane.prefersInline(rows: rows) else {
      lane.enqueue(request)
      return
    }
    if index == entries.count { entries.append(Entry(lane: lane)) }
    entries[index].requests.append(request)
    entries[index].rows += request.rowCount
  }

  /// Runs everything collected.
  func run() {
    guard !entries.isEmpty else { return }
    for index in entries.indices where !entries[index].requests.isEmpty {
      entries[index].lane.runInline(entries[index].requests)
    }
    // A lane without requests leaves: its model may be unloaded, and its memory must go.
    entries.removeAll { $0.requests.isEmpty }
    for index in entries.indices {
      entries[index].requests.removeAll(keepingCapacity: true)
      entries[index].rows = 0
    }
  }
}

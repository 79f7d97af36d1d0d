import Synchronization

/// Rows of one model that were predicted with an id, in memory until their true answer is told or they are the oldest of too many.
final class RecentPredictions: Sendable {
  /// A predicted row.
  struct Entry: Sendable {
    /// The version that predicted it.
    let version: Int
    /// The names of that version's classes; empty for values.
    let labels: [String]
    let predicted: Prediction
    /// Sizes of the row.
    let shape: [Int]
    /// The row's float32 values.
    let row: [UInt8]
    /// When it was predicted, nanoseconds of the monotonic clock.
    let time: UInt64

    /// Bytes that it takes in memory, with its places in the table.
    var byteCount: Int { row.count + predicted.byteCount + Self.overheadByteCount }

    private static let overheadByteCount = 256
  }

  private struct State {
    var entries: [PredictionID: Entry] = [:]
    /// Ids in the order of their rows, from `first` on; rows that went leave theirs behind until it is the oldest.
    var order: [PredictionID] = []
    var first = 0
    var byteCount = 0
  }

  private let state = Mutex(State())
  private let countMax: Int
  private let byteCountMax: Int
  /// How long a row is kept, nanoseconds; `nil` for as long as there is room.
  private let ageMax: UInt64?

  init(_ limits: ServiceLimits) {
    countMax = limits.recentPredictionsPerModel
    byteCountMax = limits.recentPredictionBytesPerModel
    let seconds = limits.recentPredictionSeconds
    ageMax = seconds > 0 ? UInt64(min(seconds, 1e9) * 1e9) : nil
  }

  /// Rows that are kept.
  var count: Int { state.withLock { $0.entries.count } }

  /// Bytes that they take.
  var byteCount: Int { state.withLock { $0.byteCount } }

  /// Keeps rows, each under an id; the oldest go where they are too many.
  func insert(_ rows: [(id: PredictionID, entry: Entry)]) {
    let now = rows.last?.entry.time ?? 0
    state.withLock { state in
      for (id, entry) in rows {
        state.entries[id] = entry
        state.order.append(id)
        state.byteCount += entry.byteCount
      }
      dropOldest(&state, now)
    }
  }

  /// The row of an id; nil where it was never there or has gone.
  func entry(_ id: PredictionID, now: UInt64) -> Entry? {
    guard let entry = state.withLock({ $0.entries[id] }), !isExpired(entry, now) else {
      return nil
    }
    return entry
  }

  /// Forgets rows.
  func remove(_ ids: some Sequence<PredictionID>) {
    state.withLock { state in
      for id in ids {
        guard let entry = state.entries.removeValue(forKey: id) else { continue }
        state.byteCount -= entry.byteCount
      }
    }
  }

  private func isExpired(_ entry: Entry, _ now: UInt64) -> Bool {
    guard let ageMax else { return false }
    return now > entry.time && now - entry.time > ageMax
  }

  private func dropOldest(_ state: inout State, _ now: UInt64) {
    while state.first < state.order.count {
      let id = state.order[state.first]
      if let oldest = state.entries[id] {
        // Places of rows that went count too: one old row must not hold any number of them.
        let isTooMuch =
          state.order.count - state.first > countMax || state.byteCount > byteCountMax
        guard isTooMuch || isExpired(oldest, now) else { break }
        state.entries[id] = nil
        state.byteCount -= oldest.byteCount
      }
      state.first += 1
    }
    if state.first > 1024, state.first > state.order.count / 2 {
      state.order.removeFirst(state.first)
      state.first = 0
    }
  }
}

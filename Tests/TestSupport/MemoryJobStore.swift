import Jobs
import Storage
import Synchronization

/// A store whose disk is a value, and which dies at a chosen change: before it, in its middle or after it.
///
/// Logs are real bytes in the layout of `AppendLog`, so that a torn append is torn there too.
package final class MemoryJobStore: JobStore {
  /// What a crash leaves.
  package struct Disk: Sendable {
    package var records: [String: [UInt8]] = [:]
    package var logs: [String: [UInt8]] = [:]
    package var folders: Set<String> = []

    /// An empty disk.
    package init() {}
  }

  /// When the store dies.
  package struct Fault: Sendable {
    /// How much of the change is done.
    package enum Moment: CaseIterable, Sendable { case before, middle, after }

    /// The change, counted from 0.
    package var change: Int
    package var moment: Moment

    /// A death at one change.
    package init(change: Int, _ moment: Moment) {
      self.change = change
      self.moment = moment
    }
  }

  /// What every call throws from the death on.
  package struct Died: Error {}

  /// What a change throws that was told to fail.
  package struct Failed: Error {}

  private struct State {
    var disk: Disk
    /// Where the records of each log start.
    var offsets: [String: [Int]]
    var changeCount = 0
    var isDead = false
    var isFailing = false
  }

  private let state: Mutex<State>
  /// When this store dies, nil for never.
  package let fault: Fault?

  /// Starts from what a crash left: torn tails are cut off, half-removed jobs are gone.
  package init(_ disk: Disk = Disk(), fault: Fault? = nil) throws {
    var disk = disk
    var offsets: [String: [Int]] = [:]
    for (id, bytes) in disk.logs {
      let scan = try LogLayout.scan(bytes, recordByteCountMax: 1 << 20)
      disk.logs[id] = disk.records[id] == nil ? nil : Array(bytes[..<scan.end])
      offsets[id] = disk.records[id] == nil ? nil : scan.offsets
    }
    state = Mutex(State(disk: disk, offsets: offsets))
    self.fault = fault
  }

  /// What is durable.
  package var disk: Disk { state.withLock { $0.disk } }

  /// Changes so far.
  package var changeCount: Int { state.withLock { $0.changeCount } }

  /// Lets every change fail, without death, while set.
  package func setFailing(_ isFailing: Bool) { state.withLock { $0.isFailing = isFailing } }

  package var problems: [String] { [] }

  package func jobs() throws -> [String] { try read { $0.disk.records.keys.sorted() } }

  package func record(of id: String) throws -> [UInt8] { try read { $0.disk.records[id] ?? [] } }

  package func eventCount(of id: String) throws -> Int {
    try read { $0.offsets[id]?.count ?? 0 }
  }

  package func events(of id: String, from start: Int, limit: Int) throws -> [[UInt8]] {
    let (bytes, offsets) = try read { ($0.disk.logs[id] ?? [], $0.offsets[id] ?? []) }
    return (start..<min(start + limit, offsets.count)).compactMap { index in
      LogLayout.content(of: bytes[offsets[index]...], index: index).map(Array.init)
    }
  }

  package func put(_ record: [UInt8], of id: String) throws {
    try change { state, _ in
      state.disk.records[id] = record
    } middle: { _ in
    }
  }

  package func delete(_ id: String) throws {
    try change { state, _ in
      state.disk.records[id] = nil
      state.disk.logs[id] = nil
      state.disk.folders.remove(id)
      state.offsets[id] = nil
    } middle: { state in
      state.disk.records[id] = nil
    }
  }

  package func append(_ events: [[UInt8]], to id: String) throws {
    try change { state, share in
      var log = state.disk.logs[id] ?? LogLayout.header
      var offsets = state.offsets[id] ?? []
      var bytes: [UInt8] = []
      for event in events {
        offsets.append(log.count + bytes.count)
        bytes += LogLayout.record(event, index: offsets.count - 1)
      }
      log += bytes.prefix(share(bytes.count))
      state.disk.logs[id] = log
      state.offsets[id] = offsets
    }
  }

  package func folder(of id: String) throws -> String {
    try change { state, _ in
      state.disk.folders.insert(id)
    } middle: { _ in
    }
    return "/memory/\(id)"
  }

  package func removeFolder(of id: String) throws {
    try change { state, _ in
      state.disk.folders.remove(id)
    } middle: { _ in
    }
  }

  private func read<Value: Sendable>(_ body: (State) -> Value) throws -> Value {
    try state.withLock { state in
      if state.isDead { throw Died() }
      return body(state)
    }
  }

  /// Makes a change; `share` says how many of so many bytes are done, all but in the middle.
  private func change(
    _ body: (inout State, (Int) -> Int) -> Void,
    middle: ((inout State) -> Void)? = nil
  ) throws {
    try state.withLock { state in
      if state.isDead { throw Died() }
      if state.isFailing { throw Failed() }
      defer { state.changeCount += 1 }
      guard let fault, fault.change == state.changeCount else { return body(&state) { $0 } }
      state.isDead = true
      switch fault.moment {
      case .before: break
      case .middle:
        if let middle { middle(&state) } else { body(&state) { $0 * 3 / 5 } }
      case .after: body(&state) { $0 }
      }
      throw Died()
    }
  }
}

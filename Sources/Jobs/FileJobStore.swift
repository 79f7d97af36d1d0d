import Storage
import Synchronization

/// Jobs in a folder: `<id>/record`, `<id>/events.log` and, for the executor, `<id>/work`.
package final class FileJobStore: JobStore {
  /// Largest record that is read, bytes.
  package static let recordByteCountMax = 64 << 20

  private let root: String
  private let lock: FolderLock
  private let state = Mutex(State())

  private struct State {
    var logs: [String: AppendLog] = [:]
    var problems: [String] = []
  }

  /// Opens a folder, or makes it, and removes what crashes left half-made or half-removed.
  ///
  /// - Throws: `FormatError` where it cannot be written, or another process or store has it.
  package init(folder: String) throws {
    root = folder
    try FileAccess.createFolders(folder)
    lock = try FolderLock(folder)
    for name in try FileAccess.names(in: folder) where JobIdentifier.isJob(name) {
      if FileAccess.exists(recordPath(name)) {
        AtomicFile.removeLeftovers(in: "\(folder)/\(name)")
      } else {
        FileAccess.removeTree("\(folder)/\(name)")
      }
    }
  }

  package var problems: [String] { state.withLock { $0.problems } }

  package func jobs() throws -> [String] {
    try FileAccess.names(in: root).filter(JobIdentifier.isJob)
  }

  package func record(of id: String) throws -> [UInt8] {
    try FileAccess.read(recordPath(id), byteCountMax: Self.recordByteCountMax)
  }

  package func put(_ record: [UInt8], of id: String) throws {
    let folder = "\(root)/\(id)"
    if !FileAccess.exists(folder) {
      try FileAccess.createFolder(folder)
      try FileAccess.syncFolder(root)
    }
    try AtomicFile.replace(recordPath(id), record)
  }

  /// The record goes first: a folder without one is removed when the store is opened.
  package func delete(_ id: String) throws {
    state.withLock { _ = $0.logs.removeValue(forKey: id) }
    FileAccess.removeTree(recordPath(id))
    if FileAccess.exists("\(root)/\(id)") { try FileAccess.syncFolder("\(root)/\(id)") }
    FileAccess.removeTree("\(root)/\(id)")
    try FileAccess.syncFolder(root)
  }

  package func append(_ events: [[UInt8]], to id: String) throws {
    try withLog(id) { log in try log.append(contentsOf: events) }
  }

  package func eventCount(of id: String) throws -> Int { try withLog(id) { $0.count } }

  package func events(of id: String, from start: Int, limit: Int) throws -> [[UInt8]] {
    try withLog(id) { log in try log.records(from: start, limit: limit) }
  }

  package func folder(of id: String) throws -> String {
    let path = "\(root)/\(id)/work"
    if !FileAccess.exists(path) {
      try FileAccess.createFolder(path)
      try FileAccess.syncFolder("\(root)/\(id)")
    }
    return path
  }

  package func removeFolder(of id: String) throws { FileAccess.removeTree("\(root)/\(id)/work") }

  private func recordPath(_ id: String) -> String { "\(root)/\(id)/record" }

  private func withLog<Result: Sendable>(
    _ id: String,
    _ body: (AppendLog) throws -> Result
  ) throws -> Result {
    try state.withLock { state in
      if let log = state.logs[id] { return try body(log) }
      let log = try AppendLog("\(root)/\(id)/events.log")
      if let damage = log.damage {
        state.problems.append("\(log.path): cut off \(damage.byteCount) bytes: \(damage.reason)")
      }
      state.logs[id] = log
      return try body(log)
    }
  }
}

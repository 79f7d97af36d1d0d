import Glibc
import HTTP
import Storage
import Synchronization

/// Every change of an alias in the order it happened: an `AppendLog` of JSON objects that only grows.
///
/// One process at a time has the log, which a lock on a file beside it assures.
final class AuditLog: Sendable {
  /// What an alias was like after its last entry.
  struct Last: Sendable {
    var revision: Int
    /// nil where the alias is gone.
    var version: Int?
    var canary: AliasDocument.Canary?
    var from: Int?
    var fromRevision: Int
    var actor: String
    /// Whether it was written before the change was made, not after.
    var isIntention: Bool
  }

  private struct State {
    let log: AppendLog
    /// By `model/alias`.
    var lasts: [String: Last] = [:]
  }

  /// Entries of 4 KiB, a file of 1 GiB, 8,388,608 entries.
  static let limits = AppendLog.Limits(
    recordByteCount: 4096,
    fileByteCount: 1 << 30,
    recordCount: 1 << 23
  )

  private let lock: Int32
  private let files: any DurableFiles
  private let state: Mutex<State>

  /// Opens the log, or begins one, and cuts off a torn end.
  ///
  /// - Throws: `ServiceError` where another process has it or more than its last entry is damaged, `FormatError` where it
  ///   cannot be read.
  init(_ path: String, _ files: any DurableFiles) throws {
    let folder = FileAccess.folder(of: path)
    if !FileAccess.exists(folder) {
      try files.createFolder(folder)
      try files.syncFolder(FileAccess.folder(of: folder))
    }
    let lock = try Self.lock(path)
    do {
      try Self.check(path)
      let log = try AppendLog(path, limits: Self.limits)
      var lasts: [String: Last] = [:]
      for start in stride(from: 0, to: log.count, by: Self.blockSize) {
        for record in try log.records(from: start, limit: Self.blockSize) {
          Self.note(try Self.entry(record), in: &lasts)
        }
      }
      state = Mutex(State(log: log, lasts: lasts))
    } catch {
      close(lock)
      throw error
    }
    self.lock = lock
    self.files = files
  }

  deinit { close(lock) }

  /// Records read at a time.
  private static let blockSize = 1000

  private static func lock(_ path: String) throws -> Int32 {
    let descriptor = open("\(path).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw FormatError("file", "cannot open \(path).lock: \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw ServiceError(
        .serviceUnavailable,
        "another process changes the aliases of this models folder",
        retryAfterSeconds: 5
      )
    }
    return descriptor
  }

  /// Refuses a log that has lost more than a crash can take: opening would cut all of that off.
  private static func check(_ path: String) throws {
    guard FileAccess.exists(path) else { return }
    let bytes = try FileAccess.read(path, byteCountMax: limits.fileByteCount)
    let scan = try LogLayout.scan(bytes, recordByteCountMax: limits.recordByteCount)
    let torn = bytes.count - scan.end
    guard torn > LogLayout.recordOverheadByteCount + limits.recordByteCount else { return }
    throw ServiceError(
      .internalServerError,
      "the audit log is damaged at byte \(scan.end): \(scan.damage ?? ""); move \(AliasStore.logName) away to begin a new one"
    )
  }

  private static func entry(_ record: [UInt8]) throws -> AuditEntry {
    try record.withUnsafeBytes { try AuditEntry($0) }
  }

  private static func note(_ entry: AuditEntry, in lasts: inout [String: Last]) {
    lasts["\(entry.model)/\(entry.alias)"] = Last(
      revision: entry.revision,
      version: entry.to,
      canary: entry.canary,
      from: entry.from,
      fromRevision: entry.fromRevision,
      actor: entry.actor,
      isIntention: entry.action != .edit && entry.action != .abort
    )
  }

  /// How many entries there are.
  var count: Int { state.withLock { $0.log.count } }

  /// The last entry about an alias.
  func last(_ model: String, _ alias: String) -> Last? {
    state.withLock { $0.lasts["\(model)/\(alias)"] }
  }

  /// The aliases of a model that there have ever been, in the order of their names.
  func aliases(of model: String) -> [String] {
    state.withLock { state in
      state.lasts.keys.filter { $0.hasPrefix("\(model)/") }
        .map { String($0.dropFirst(model.count + 1)) }.sorted()
    }
  }

  /// Adds an entry and waits until it is on the disk.
  ///
  /// - Throws: `FormatError` where the disk fails; then the entry does not count.
  func append(_ entry: AuditEntry) throws {
    var record = ByteBuffer()
    entry.append(to: &record)
    let bytes = [UInt8](record.readable)
    try state.withLock { state in
      try files.append(bytes, to: state.log)
      Self.note(entry, in: &state.lasts)
    }
  }

  /// Entries by their place in the log, which counts from 1.
  func entries(_ range: ClosedRange<Int>) throws -> [AuditEntry] {
    let records = try state.withLock {
      try $0.log.records(from: range.lowerBound - 1, limit: range.count)
    }
    return try records.map(Self.entry)
  }
}

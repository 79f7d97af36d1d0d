import Glibc
import HTTP
import Storage
import Synchronization

/// Every change of an alias in the order it happened: a file of JSON lines that only grows.
///
/// A line is there whole or not at all: what a crash left of the last one is cut off. One process at a time has the
/// log; others may read the file.
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

  fileprivate struct State {
    /// Where each line begins, and where the next will.
    var offsets = [0]
    /// By `model/alias`.
    var lasts: [String: Last] = [:]
  }

  /// Bytes of the largest log that is opened.
  static let byteCountMax = 1 << 30

  private let path: String
  private let descriptor: Int32
  private let files: any DurableFiles
  private let state = Mutex(State())

  /// Opens the log, or begins one, and cuts off a torn last line.
  ///
  /// - Throws: `ServiceError` where another process has it or a line before the last is damaged, `FormatError` where it
  ///   cannot be read.
  init(_ path: String, _ files: any DurableFiles) throws {
    self.path = path
    self.files = files
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    if !FileAccess.exists(folder) {
      try files.createFolder(folder)
      try files.syncFolder("\(folder)/..")
    }
    let isNew = !FileAccess.exists(path)
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw FormatError("file", "cannot open \(path): \(String(cString: strerror(errno)))")
    }
    do {
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        throw ServiceError(
          .serviceUnavailable,
          "another process changes the aliases of this models folder",
          retryAfterSeconds: 5
        )
      }
      if isNew { try files.syncFolder(folder) }
      try readAll()
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  private func readAll() throws {
    let bytes = try FileAccess.read(path, byteCountMax: Self.byteCountMax)
    try bytes.withUnsafeBytes { bytes in
      var start = 0
      while let end = bytes[start...].firstIndex(of: 0x0A) {
        do {
          let entry = try AuditEntry(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
          state.withLock { $0.note(entry, end: end + 1) }
        } catch {
          // Also a whole line may be torn: its blocks reach the disk in any order.
          if end + 1 == bytes.count { break }
          throw ServiceError(
            .internalServerError,
            "the audit log is damaged at byte \(start): \(error); move \(AliasStore.logName) away to begin a new one"
          )
        }
        start = end + 1
      }
      if start < bytes.count { try files.write([], to: descriptor, at: start) }
    }
  }

  /// How many entries there are.
  var count: Int { state.withLock { $0.offsets.count - 1 } }

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
    var line = ByteBuffer()
    entry.append(to: &line)
    line.append(0x0A)
    let bytes = [UInt8](line.readable)
    try state.withLock { state in
      let end = state.offsets[state.offsets.count - 1]
      try files.write(bytes, to: descriptor, at: end)
      state.note(entry, end: end + bytes.count)
    }
  }

  /// Entries by their place in the log, which counts from 1.
  func entries(_ range: ClosedRange<Int>) throws -> [AuditEntry] {
    let (start, end, offsets) = state.withLock { state in
      let slice = state.offsets[(range.lowerBound - 1)...range.upperBound]
      return (slice[slice.startIndex], slice[slice.endIndex - 1], Array(slice))
    }
    var isWhole = true
    let bytes = [UInt8](unsafeUninitializedCapacity: end - start) { buffer, count in
      while count < end - start {
        let got = pread(
          descriptor,
          buffer.baseAddress.map { $0 + count },
          end - start - count,
          start + count
        )
        if got < 0, errno == EINTR { continue }
        guard got > 0 else {
          isWhole = false
          return
        }
        count += got
      }
    }
    guard isWhole else { throw FormatError("file", "cannot read \(path)") }
    return try bytes.withUnsafeBytes { bytes in
      try zip(offsets, offsets.dropFirst()).map { low, high in
        try AuditEntry(UnsafeRawBufferPointer(rebasing: bytes[(low - start)..<(high - start - 1)]))
      }
    }
  }
}

extension AuditLog.State {
  fileprivate mutating func note(_ entry: AuditEntry, end: Int) {
    offsets.append(end)
    lasts["\(entry.model)/\(entry.alias)"] = AuditLog.Last(
      revision: entry.revision,
      version: entry.to,
      canary: entry.canary,
      from: entry.from,
      fromRevision: entry.fromRevision,
      actor: entry.actor,
      isIntention: entry.action != .edit && entry.action != .abort
    )
  }
}

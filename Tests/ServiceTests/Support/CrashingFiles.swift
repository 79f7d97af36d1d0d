import Glibc
import Storage
import Synchronization

@testable import Service

/// The file system of a machine that loses power at the n-th step.
///
/// What the disk had not been told to keep is lost: a step may leave half of what it wrote, and a file that got a new
/// name gets its old one back where the folder was not synced. After the crash every step fails.
final class CrashingFiles: DurableFiles {
  /// How much of the last step the disk has done.
  enum Remains: CaseIterable {
    case nothing
    case half
    case all
  }

  struct Crash: Error {}

  private struct State {
    var steps = 0
    var hasCrashed = false
    /// Undo renames that no folder sync has made durable.
    var unsynced: [(path: String, bytes: [UInt8]?)] = []
  }

  private let crashAt: Int
  private let remains: Remains
  private let system = SystemFiles()
  private let state = Mutex(State())

  init(crashAt: Int = .max, _ remains: Remains = .all) {
    self.crashAt = crashAt
    self.remains = remains
  }

  var steps: Int { state.withLock { $0.steps } }

  private func step(_ perform: (Remains) throws -> Void) throws {
    let (isLast, isAfter) = state.withLock { state in
      defer { state.steps += 1 }
      return (state.steps == crashAt, state.steps > crashAt || state.hasCrashed)
    }
    if isAfter { throw Crash() }
    try perform(isLast ? remains : .all)
    guard isLast else { return }
    let lost = state.withLock { state in
      state.hasCrashed = true
      return remains == .nothing ? state.unsynced : []
    }
    for file in lost.reversed() {
      unlink(file.path)
      if let bytes = file.bytes { try FileAccess.create(file.path, bytes) }
    }
    throw Crash()
  }

  func create(_ path: String, _ bytes: [UInt8]) throws {
    try step { remains in
      switch remains {
      case .nothing: break
      case .half: try system.create(path, Array(bytes.prefix(bytes.count / 2)))
      case .all: try system.create(path, bytes)
      }
    }
  }

  func move(_ source: String, to target: String) throws {
    try step { remains in
      guard remains == .all else { return }
      let old = try? FileAccess.read(target, byteCountMax: 1 << 20)
      state.withLock { $0.unsynced.append((target, old)) }
      try system.move(source, to: target)
    }
  }

  func remove(_ path: String) throws {
    try step { if $0 != .nothing { try system.remove(path) } }
  }

  func createFolder(_ path: String) throws {
    try step { if $0 != .nothing { try system.createFolder(path) } }
  }

  func syncFolder(_ path: String) throws {
    try step { remains in
      guard remains != .nothing else { return }
      try system.syncFolder(path)
      state.withLock { $0.unsynced = [] }
    }
  }

  func append(_ record: [UInt8], to log: AppendLog) throws {
    try step { remains in
      guard remains != .nothing else { return }
      let start = log.byteCount
      try system.append(record, to: log)
      if remains == .half { truncate(log.path, (start + log.byteCount) / 2) }
    }
  }
}

import Storage
import Synchronization

@testable import Service

/// A disk that is full once, when a certain file is created.
final class FailingOnce: DurableFiles {
  struct Full: Error {}

  private let name: String
  private let hasFailed = Mutex(false)
  private let system = SystemFiles()

  init(at name: String) { self.name = name }

  func create(_ path: String, _ bytes: [UInt8]) throws {
    let fails = hasFailed.withLock { hasFailed in
      defer { if path.hasSuffix(name) { hasFailed = true } }
      return path.hasSuffix(name) && !hasFailed
    }
    if fails { throw Full() }
    try system.create(path, bytes)
  }

  func move(_ source: String, to target: String) throws { try system.move(source, to: target) }
  func remove(_ path: String) throws { try system.remove(path) }
  func createFolder(_ path: String) throws { try system.createFolder(path) }
  func syncFolder(_ path: String) throws { try system.syncFolder(path) }

  func append(_ record: [UInt8], to log: AppendLog) throws { try system.append(record, to: log) }
}

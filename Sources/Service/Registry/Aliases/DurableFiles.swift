import Glibc
import Storage

/// The steps of which changes on disk are made; tests stop at each of them.
protocol DurableFiles: Sendable {
  /// Writes a new file and waits until it is on the disk.
  func create(_ path: String, _ bytes: [UInt8]) throws
  /// Gives a file its final name, in place of one that has it.
  func move(_ source: String, to target: String) throws
  /// Removes a file, where it is there.
  func remove(_ path: String) throws
  /// Makes a folder.
  func createFolder(_ path: String) throws
  /// Waits until a folder's entries are on the disk.
  func syncFolder(_ path: String) throws
  /// Adds a record and waits until it is on the disk.
  func append(_ record: [UInt8], to log: AppendLog) throws
}

/// The file system.
struct SystemFiles: DurableFiles {
  func create(_ path: String, _ bytes: [UInt8]) throws { try FileAccess.create(path, bytes) }

  func move(_ source: String, to target: String) throws {
    try FileAccess.moveFolder(source, to: target)
  }

  func remove(_ path: String) throws {
    guard unlink(path) == 0 || errno == ENOENT else { throw Self.failure("cannot remove \(path)") }
  }

  func createFolder(_ path: String) throws { try FileAccess.createFolder(path) }

  func syncFolder(_ path: String) throws { try FileAccess.syncFolder(path) }

  func append(_ record: [UInt8], to log: AppendLog) throws { try log.append(record) }

  private static func failure(_ action: String) -> FormatError {
    FormatError("file", "\(action): \(String(cString: strerror(errno)))")
  }
}

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
  /// Writes at an offset of an open file, cuts off what was behind, and waits until that is on the disk.
  func write(_ bytes: [UInt8], to descriptor: Int32, at offset: Int) throws
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

  func write(_ bytes: [UInt8], to descriptor: Int32, at offset: Int) throws {
    // What a write that failed half-way has left must not stay in front of the next one.
    guard ftruncate(descriptor, offset) == 0 else { throw Self.failure("cannot shorten") }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        pwrite(
          descriptor,
          $0.baseAddress.map { $0 + written },
          bytes.count - written,
          offset + written
        )
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure("cannot append") }
      written += count
    }
    guard fsync(descriptor) == 0 else { throw Self.failure("cannot sync") }
  }

  private static func failure(_ action: String) -> FormatError {
    FormatError("file", "\(action): \(String(cString: strerror(errno)))")
  }
}

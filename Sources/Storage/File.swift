import Glibc

/// An open file, closed when it goes out of scope; every failure names the path and the reason.
struct File: ~Copyable {
  let path: String
  private let descriptor: Int32

  /// Most bytes given to one call of read(2) or write(2); Linux moves no more than 2 GiB at once.
  private static let chunkByteCountMax = 1 << 30

  /// Opens a file; `flags` as in open(2), new files may be read by everybody and written by the owner.
  init(_ path: String, _ flags: Int32, _ action: String) throws(FormatError) {
    self.path = path
    descriptor = open(path, flags | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileAccess.failure(action, path) }
  }

  deinit { close(descriptor) }

  /// The size in bytes.
  ///
  /// - Throws: `FormatError` where this is no regular file.
  func byteCount() throws(FormatError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileAccess.failure("cannot inspect", path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FormatError("file", "\(path) is not a regular file")
    }
    return Int(status.st_size)
  }

  /// Reads `count` bytes from `offset` on, fewer where the file ends before.
  func read(at offset: Int, count wanted: Int) throws(FormatError) -> [UInt8] {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      while count < wanted {
        let got = pread(
          descriptor,
          buffer.baseAddress.map { $0 + count },
          min(wanted - count, Self.chunkByteCountMax),
          offset + count
        )
        if got < 0, errno == EINTR { continue }
        if got < 0 { failed = true }
        if got <= 0 { break }
        count += got
      }
    }
    if failed { throw FileAccess.failure("cannot read", path) }
    return bytes
  }

  /// Writes all bytes at `offset`.
  func write(_ bytes: [UInt8], at offset: Int) throws(FormatError) {
    var written = 0
    var failed = false
    bytes.withUnsafeBytes { buffer in
      while written < buffer.count, !failed {
        let count = pwrite(
          descriptor,
          buffer.baseAddress.map { $0 + written },
          min(buffer.count - written, Self.chunkByteCountMax),
          offset + written
        )
        if count < 0, errno == EINTR { continue }
        if count <= 0 { failed = true } else { written += count }
      }
    }
    if failed { throw FileAccess.failure("cannot write", path) }
  }

  /// Cuts the file after `byteCount` bytes.
  func truncate(to byteCount: Int) throws(FormatError) {
    guard ftruncate(descriptor, byteCount) == 0 else {
      throw FileAccess.failure("cannot truncate", path)
    }
  }

  /// Waits until the content is on the disk.
  func sync() throws(FormatError) {
    guard fsync(descriptor) == 0 else { throw FileAccess.failure("cannot sync", path) }
  }

  /// Takes the file's lock until it is closed, without waiting.
  func lock() throws(FormatError) {
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw errno == EWOULDBLOCK
        ? FormatError("file", "\(path): another process has this folder; stop it first")
        : FileAccess.failure("cannot lock", path)
    }
  }
}

import Dispatch
import Glibc
import HTTP
import Storage
import Synchronization

/// Writes one upload to a new file and digests it, on a queue of its own so that no event loop waits
/// for the disk.
///
/// `@unchecked Sendable`: descriptor, digest and count are touched on `queue` only, whose end
/// `deinit` follows.
final class FileWriter: @unchecked Sendable {
  /// A file that is whole and on the disk.
  struct Written {
    let byteCount: Int
    let digest: String
  }

  private struct Backlog {
    var byteCount = 0
    var isPaused = false
  }

  private let path: String
  private let backlogBytes: Int
  private let queue = DispatchQueue(label: "upload", qos: .utility)
  private let backlog = Mutex(Backlog())
  private var descriptor: Int32 = -1
  private var hash = SHA256()
  private var byteCount = 0
  private var failure: AdminError?

  /// - Parameters:
  ///   - path: A file that must not exist yet.
  ///   - backlogBytes: Bytes that may wait for the disk before the client has to.
  init(_ path: String, backlogBytes: Int) {
    self.path = path
    self.backlogBytes = backlogBytes
    queue.async { [self] in
      descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
      if descriptor < 0 { fail("create") }
    }
  }

  deinit { removePart() }

  /// Takes bytes; holds the client up when the disk is too far behind.
  ///
  /// On the event loop.
  func append(_ bytes: UnsafeRawBufferPointer, _ flow: BodyFlow) {
    let copy = [UInt8](bytes)
    let mustPause = backlog.withLock { backlog in
      backlog.byteCount += copy.count
      guard backlog.byteCount > backlogBytes, !backlog.isPaused else { return false }
      backlog.isPaused = true
      return true
    }
    if mustPause { flow.pause() }
    queue.async { [self] in
      write(copy)
      if let failure { flow.refuse(failure.refusal) }
      let mayResume = backlog.withLock { backlog in
        backlog.byteCount -= copy.count
        guard backlog.isPaused, backlog.byteCount <= backlogBytes / 2 else { return false }
        backlog.isPaused = false
        return true
      }
      if mayResume { flow.resume() }
    }
  }

  /// Waits until everything is on the disk, then calls `body` on the writer's queue.
  ///
  /// A file that `body` does not move away goes with the writer.
  func finish(_ body: @escaping @Sendable (Result<Written, AdminError>) -> Void) {
    queue.async { [self] in
      if failure == nil, fsync(descriptor) != 0 { fail("sync") }
      if failure == nil, close(descriptor) != 0 { fail("close") }
      if failure == nil { descriptor = -1 }
      body(
        failure.map { .failure($0) }
          ?? .success(Written(byteCount: byteCount, digest: SHA256.hexadecimal(hash.finalize())))
      )
    }
  }

  private func write(_ bytes: [UInt8]) {
    guard failure == nil else { return }
    hash.update(bytes)
    bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
          fail("write")
          return
        }
        written += count
      }
    }
    byteCount += bytes.count
  }

  /// Keeps the first failure; the client learns what happened but no path.
  private func fail(_ action: String) {
    let code = errno
    failure =
      code == ENOSPC || code == EDQUOT
      ? AdminError(.insufficientStorage, "the server's disk is full", code: "disk_full")
      : AdminError(
        .internalServerError,
        "the server cannot \(action) the upload: \(String(cString: strerror(code)))",
        code: "storage_failed"
      )
  }

  private func removePart() {
    if descriptor >= 0 { close(descriptor) }
    // After a success the file has its final name, and nothing has this one.
    unlink(path)
  }
}

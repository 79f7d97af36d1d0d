import Dispatch
import Glibc
import HTTP

/// Sends a file piece by piece, as fast as the client takes it.
///
/// `@unchecked Sendable`: touched on `queue` only; freed with the last action that waits for it.
final class FileDownload: @unchecked Sendable {
  private let descriptor: Int32
  private let stream: ResponseStream
  private let queue: DispatchQueue
  private var remaining: Int

  /// Bytes read and sent at once.
  private static let pieceBytes = 128 * 1024

  /// Answers with the content of a file.
  ///
  /// On `queue`.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - length: Its size, bytes.
  ///   - queue: Where it is read.
  ///   - responder: Whom it answers.
  static func start(_ path: String, length: Int, queue: DispatchQueue, _ responder: Responder) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      responder.fail(
        AdminError(.notFound, "the file was deleted meanwhile", code: "file_not_found")
      )
      return
    }
    let stream = responder.stream(
      .ok,
      .octetStream,
      headers: ["X-Content-Type-Options": "nosniff"],
      length: length
    )
    FileDownload(descriptor, length: length, queue: queue, stream).sendWhenReady()
  }

  private init(
    _ descriptor: Int32,
    length: Int,
    queue: DispatchQueue,
    _ stream: ResponseStream
  ) {
    self.descriptor = descriptor
    self.stream = stream
    self.queue = queue
    remaining = length
  }

  deinit { close(descriptor) }

  private func sendWhenReady() {
    stream.whenReady { [self] in queue.async { self.send() } }
  }

  private func send() {
    let wanted = min(remaining, Self.pieceBytes)
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      while count < wanted {
        let got = read(descriptor, buffer.baseAddress.map { $0 + count }, wanted - count)
        if got < 0, errno == EINTR { continue }
        guard got > 0 else {
          failed = true
          return
        }
        count += got
      }
    }
    guard !failed else {
      stream.abort()
      return
    }
    stream.write(bytes)
    remaining -= bytes.count
    if remaining > 0 { sendWhenReady() } else { stream.finish() }
  }
}

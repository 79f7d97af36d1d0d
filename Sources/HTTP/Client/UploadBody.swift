internal import Glibc

/// A request body sent piece by piece, so that a large file is never in memory whole.
package struct UploadBody: Sendable {
  private enum Piece {
    case bytes([UInt8])
    case file(path: String, count: Int)
  }

  private var pieces: [Piece] = []
  /// Bytes of the whole body.
  package private(set) var count = 0

  /// Bytes of a file read and sent at once.
  private static let bufferBytes = 128 * 1024

  /// An empty body.
  package init() {}

  /// Adds bytes.
  package mutating func append(_ bytes: [UInt8]) {
    pieces.append(.bytes(bytes))
    count += bytes.count
  }

  /// Adds all of another body.
  package mutating func append(_ other: UploadBody) {
    pieces += other.pieces
    count += other.count
  }

  /// Adds the file at `path`, with the size that it has now.
  ///
  /// - Throws: `.file` where it is no regular file that can be read.
  package mutating func append(file path: String) throws(HTTPClient.Failure) {
    let file = try Self.open(path)
    var status = stat()
    guard fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw .file("\(path) is not a regular file")
    }
    pieces.append(.file(path: path, count: Int(status.st_size)))
    count += Int(status.st_size)
  }

  /// Sends everything; the deadline is renewed with each piece, and `progress` hears the bytes sent so far.
  func write(
    to socket: ClientSocket,
    timeout: Double,
    progress: (Int) -> Void = { _ in }
  ) throws(HTTPClient.Failure) {
    var sent = 0
    for piece in pieces {
      switch piece {
      case .bytes(let bytes):
        var buffer = ByteBuffer()
        buffer.append(bytes)
        try socket.write(buffer.readable, Clock.now().after(timeout))
        sent += bytes.count
        progress(sent)
      case .file(let path, let count):
        try Self.write(file: path, count, to: socket, timeout: timeout) { progress(sent + $0) }
        sent += count
      }
    }
  }

  private static func write(
    file path: String,
    _ count: Int,
    to socket: ClientSocket,
    timeout: Double,
    progress: (Int) -> Void
  ) throws(HTTPClient.Failure) {
    let file = try open(path)
    var rest = count
    while rest > 0 {
      var buffer = ByteBuffer()
      let got = read(file.rawValue, buffer.reserve(bufferBytes), min(rest, bufferBytes))
      if got < 0, errno == EINTR { continue }
      // The length is already announced: a file that shrank cannot be sent.
      guard got > 0 else { throw .file("\(path) ended \(rest) bytes early") }
      buffer.commit(got)
      try socket.write(buffer.readable, Clock.now().after(timeout))
      rest -= got
      progress(count - rest)
    }
  }

  private static func open(_ path: String) throws(HTTPClient.Failure) -> FileDescriptor {
    let raw = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard raw >= 0 else { throw .file("cannot open \(path): \(String(cString: strerror(errno)))") }
    return FileDescriptor(owning: raw)
  }
}

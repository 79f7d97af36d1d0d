import Glibc

/// What a path names, symbolic links followed.
package enum FileKind: Equatable, Sendable {
  /// A regular file and its size.
  case file(byteCount: Int)
  case folder
  /// A device, a pipe, a socket.
  case other

  /// Looks the path up.
  ///
  /// - Throws: `FormatError` where there is nothing, or it cannot be reached.
  package init(_ path: String) throws(FormatError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw FormatError("file", "cannot inspect \(path): \(String(cString: strerror(errno)))")
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file(byteCount: Int(status.st_size))
    case S_IFDIR: self = .folder
    default: self = .other
    }
  }
}

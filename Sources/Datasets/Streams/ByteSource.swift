package import Storage
import Glibc

/// Bytes that come one after the other, once: a file, memory, or what another source inflates to.
package protocol ByteSource: AnyObject {
  /// Writes the next bytes to the front of `buffer`, which is not empty, and answers how many: 0 at the end only.
  ///
  /// - Throws: `FormatError` where the source fails or is damaged.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int
}

/// Bytes in memory as a source.
package final class MemorySource: ByteSource {
  private let bytes: [UInt8]
  private var position = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
    let count = min(buffer.count, bytes.count - position)
    buffer.copyBytes(from: bytes[position..<position + count])
    position += count
    return count
  }
}

/// A file as a source, open as long as this lives.
package final class FileSource: ByteSource {
  private let path: String
  private let descriptor: Int32

  /// Opens a regular file of at most `byteCountMax` bytes.
  ///
  /// - Throws: `FormatError` where it cannot be opened, is no regular file, or is larger.
  package init(_ path: String, byteCountMax: Int) throws(FormatError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure("cannot open", path) }
    var status = stat()
    var problem: FormatError?
    if fstat(descriptor, &status) != 0 {
      problem = Self.failure("cannot inspect", path)
    } else if status.st_mode & S_IFMT != S_IFREG {
      problem = FormatError("file", "\(path) is not a regular file")
    } else if Int(status.st_size) > byteCountMax {
      problem = FormatError(
        "file",
        "\(path) has \(status.st_size) bytes; at most \(byteCountMax) are read"
      )
    }
    self.path = path
    self.descriptor = descriptor
    // From here on `deinit` closes the file.
    if let problem { throw problem }
  }

  deinit { close(descriptor) }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, min(buffer.count, 1 << 30))
      if count >= 0 { return count }
      guard errno == EINTR else { throw Self.failure("cannot read", path) }
    }
  }

  private static func failure(_ action: String, _ path: String) -> FormatError {
    FormatError("file", "\(action) \(path): \(String(cString: strerror(errno)))")
  }
}

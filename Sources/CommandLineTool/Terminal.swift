import Glibc

/// Where a program writes text.
package struct Terminal: Sendable {
  /// The standard output.
  package static let output = Terminal(descriptor: STDOUT_FILENO)
  /// The standard error.
  package static let error = Terminal(descriptor: STDERR_FILENO)

  let descriptor: Int32

  /// Whether somebody looks at it: not a file, not a pipe.
  package var isInteractive: Bool { isatty(descriptor) == 1 }

  /// Columns of the window; 80 where there is none.
  package var width: Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Lines of the window; 24 where there is none.
  package var height: Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return 24 }
    return Int(size.ws_row)
  }

  /// Writes all of the text; a closed pipe is no reason to fail.
  package func write(_ text: String) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  /// Writes bytes, such as a file's, in the same way.
  package func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { write($0) } }

  private func write(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    while let base = rest.baseAddress, rest.count > 0 {
      let count = Glibc.write(descriptor, base, rest.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }
}

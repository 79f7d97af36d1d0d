internal import Glibc

/// An open file descriptor, closed when its owner goes.
struct FileDescriptor: ~Copyable {
  /// The number, or -1 once closed.
  private(set) var rawValue: Int32

  /// Takes ownership of an open descriptor.
  init(owning rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Takes ownership of the result of a system call named `call`.
  init(_ call: StaticString, _ result: Int32) throws(SocketError) {
    guard result >= 0 else { throw SocketError("\(call)", errno) }
    rawValue = result
  }

  deinit {
    if rawValue >= 0 { _ = Glibc.close(rawValue) }
  }

  var isOpen: Bool { rawValue >= 0 }

  /// Closes now.
  mutating func close() {
    if rawValue >= 0 { _ = Glibc.close(rawValue) }
    rawValue = -1
  }

  /// Gives up ownership.
  mutating func release() -> Int32 {
    defer { rawValue = -1 }
    return rawValue
  }
}

/// A system call that failed.
package struct SocketError: Error, Equatable, CustomStringConvertible {
  /// What was tried.
  package let operation: String
  /// `errno`, or 0 when the failure has no number.
  package let code: Int32

  init(_ operation: String, _ code: Int32) {
    self.operation = operation
    self.code = code
  }

  package var description: String {
    code == 0 ? operation : "\(operation): \(String(cString: strerror(code)))"
  }
}

/// Why bytes from outside are not what they claim to be.
package struct FormatError: Error, Equatable, CustomStringConvertible {
  /// The format that was read or written, as `npy` or `png`.
  package let format: String
  /// Where reading stopped, in bytes from the start, where that is known.
  package let offset: Int?
  /// What was expected and what was found.
  package let detail: String

  package init(_ format: String, at offset: Int? = nil, _ detail: String) {
    self.format = format
    self.offset = offset
    self.detail = detail
  }

  package var description: String {
    guard let offset else { return "\(format): \(detail)" }
    return "\(format), byte \(offset): \(detail)"
  }
}

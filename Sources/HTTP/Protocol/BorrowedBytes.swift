internal import Glibc

/// Bytes of a request, borrowed from the connection's read buffer: valid until the request's
/// responder completes.
///
/// Copy (`string`, `array`) what must live longer.
package struct BorrowedBytes {
  /// The bytes themselves.
  package let buffer: UnsafeRawBufferPointer

  package init(_ buffer: UnsafeRawBufferPointer) {
    self.buffer = buffer
  }

  init(start: UnsafePointer<UInt8>, count: Int) {
    buffer = UnsafeRawBufferPointer(start: start, count: count)
  }

  /// How many bytes there are.
  package var count: Int { buffer.count }
  /// Whether there are none.
  package var isEmpty: Bool { buffer.isEmpty }

  /// Whether these are exactly the bytes of `other`.
  package func equals(_ other: StaticString) -> Bool {
    guard count == other.utf8CodeUnitCount else { return false }
    return count == 0
      || buffer.baseAddress.map { memcmp($0, other.utf8Start, count) == 0 } ?? false
  }

  /// Whether these are exactly the UTF-8 bytes of `other`: no Unicode equivalence.
  package func equals(_ other: String) -> Bool {
    buffer.elementsEqual(other.utf8)
  }

  /// Whether these are the bytes of `other`, A-Z and a-z being the same and nothing else.
  ///
  /// `other` must be lower-case.
  package func equalsIgnoringCase(_ other: StaticString) -> Bool {
    guard count == other.utf8CodeUnitCount else { return false }
    let expected = other.utf8Start
    for index in 0..<count where ASCII.lowercased(buffer[index]) != expected[index] {
      return false
    }
    return true
  }

  /// Whether the last bytes are those of `suffix`.
  package func hasSuffix(_ suffix: BorrowedBytes) -> Bool {
    count >= suffix.count
      && UnsafeRawBufferPointer(rebasing: buffer[(count - suffix.count)...])
        .elementsEqual(suffix.buffer)
  }

  /// A copy as text; nil when the bytes are not UTF-8.
  package var string: String? { String(validating: buffer, as: UTF8.self) }

  /// A copy.
  package var array: [UInt8] { [UInt8](buffer) }

  /// Whether these bytes begin with those of `prefix`.
  package func hasPrefix(_ prefix: StaticString) -> Bool {
    count >= prefix.utf8CodeUnitCount && self[0, prefix.utf8CodeUnitCount].equals(prefix)
  }

  /// Whether the last bytes are those of `suffix`.
  package func hasSuffix(_ suffix: StaticString) -> Bool {
    let length = suffix.utf8CodeUnitCount
    return count >= length && self[count - length, count].equals(suffix)
  }

  /// The decimal number that these bytes spell: digits only, no sign; nil on anything else and on
  /// overflow. (`Int("+5")` is 5: never use it on wire bytes.)
  package var decimal: Int? {
    guard !isEmpty else { return nil }
    var value = 0
    for byte in buffer {
      guard ASCII.isDigit(byte) else { return nil }
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int(byte &- 0x30))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    return value
  }

  /// These bytes without the spaces and tabs around them (RFC 9110 §5.6.3).
  var trimmed: BorrowedBytes {
    var low = 0
    var high = count
    while low < high, ASCII.isBlank(buffer[low]) { low += 1 }
    while high > low, ASCII.isBlank(buffer[high - 1]) { high -= 1 }
    return self[low, high]
  }

  /// The bytes from `low` up to `high`.
  package subscript(low: Int, high: Int) -> BorrowedBytes {
    BorrowedBytes(UnsafeRawBufferPointer(rebasing: buffer[low..<high]))
  }

  /// Calls `body` with each element of a comma-separated list, trimmed, empty ones included
  /// (RFC 9110 §5.6.1), until it answers false.
  package func forEachListElement(_ body: (BorrowedBytes) -> Bool) {
    var start = 0
    for index in 0...count where index == count || buffer[index] == ASCII.comma {
      guard body(self[start, index].trimmed) else { return }
      start = index + 1
    }
  }
}

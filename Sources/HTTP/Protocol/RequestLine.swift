/// The request line: `method SP request-target SP HTTP-version` (RFC 9112 §3), single spaces only.
enum RequestLine {
  static func parse(
    _ bytes: BorrowedBytes,
    _ line: ByteRange,
    into head: inout RequestHead
  ) throws(RequestError) {
    var index = line.start
    while index < line.end, ASCII.isToken(bytes.buffer[index]) { index += 1 }
    guard index > line.start, index < line.end, bytes.buffer[index] == ASCII.space else {
      throw .malformed("The request line must be: method, space, target, space, HTTP version.")
    }
    let methodEnd = index
    index += 1
    let targetStart = index
    while index < line.end, bytes.buffer[index] != ASCII.space { index += 1 }
    guard index < line.end else { throw .malformed("The request line has no HTTP version.") }
    head.minorVersion = try parseVersion(bytes[index + 1, line.end])
    guard let method = Method(bytes[line.start, methodEnd]) else {
      // RFC 9110 §9.1: a method that the server does not know is 501.
      throw RequestError(.notImplemented, "The request method is not implemented.")
    }
    head.method = method
    head.target = try RequestTarget(
      bytes,
      ByteRange(start: targetStart, end: index),
      method: method
    )
  }

  /// `HTTP/1.0` or `HTTP/1.1`, case-sensitive (RFC 9112 §2.3); answers the minor version.
  private static func parseVersion(_ version: BorrowedBytes) throws(RequestError) -> UInt8 {
    if version.equals("HTTP/1.1") { return 1 }
    if version.equals("HTTP/1.0") { return 0 }
    guard version.count > 5, version[0, 5].equals("HTTP/"),
      version[5, version.count].buffer.allSatisfy({ ASCII.isDigit($0) || $0 == 0x2E })
    else { throw .malformed("The HTTP version is malformed.") }
    throw RequestError(.versionNotSupported, "The supported versions are HTTP/1.0 and HTTP/1.1.")
  }
}

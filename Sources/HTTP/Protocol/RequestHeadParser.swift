internal import Glibc

/// Parses a request head out of a growing buffer, one line at a time (RFC 9112 §2 to §5).
///
/// Call `parse` again with the same bytes and more behind them until it answers true: no byte is
/// looked at twice, and the way the bytes arrive never changes the verdict.
struct RequestHeadParser {
  private var lineStart = 0
  private var scanned = 0
  private var blockStart = 0
  private var sawEmptyLine = false
  private var sawRequestLine = false

  init() {}

  /// Parses what has arrived; true when the head is complete in `head`.
  mutating func parse(
    _ bytes: BorrowedBytes,
    into head: inout RequestHead,
    limits: ServerLimits
  ) throws(RequestError) -> Bool {
    while true {
      try checkFirstByte(bytes)
      guard let lineFeed = findLineFeed(bytes) else {
        scanned = bytes.count
        try checkLength(upTo: bytes.count, lineLength: bytes.count - lineStart - 1, limits)
        return false
      }
      scanned = lineFeed + 1
      try checkLength(upTo: lineFeed + 1, lineLength: lineFeed - 1 - lineStart, limits)
      // RFC 9112 §2.2 lets a recipient take a bare LF as line end; peers that do not would see a
      // different message, so we do not either.
      guard lineFeed > lineStart, bytes.buffer[lineFeed - 1] == ASCII.carriageReturn else {
        throw .malformed("Lines of the request head must end in CR LF.")
      }
      let line = ByteRange(start: lineStart, end: lineFeed - 1)
      lineStart = lineFeed + 1
      if try parseLine(bytes, line, into: &head, limits) { return true }
    }
  }

  /// Handles one line; true when it ended the head.
  private mutating func parseLine(
    _ bytes: BorrowedBytes,
    _ line: ByteRange,
    into head: inout RequestHead,
    _ limits: ServerLimits
  ) throws(RequestError) -> Bool {
    let isEmpty = line.start == line.end
    if !sawRequestLine {
      if isEmpty {
        // RFC 9112 §2.2: ignore at least one empty line before the request line.
        guard !sawEmptyLine else { throw .malformed("Empty lines precede the request line.") }
        sawEmptyLine = true
        return false
      }
      try RequestLine.parse(bytes, line, into: &head)
      sawRequestLine = true
      blockStart = lineStart
      return false
    }
    if isEmpty {
      head.length = lineStart
      try head.interpret(bytes, limits: limits)
      return true
    }
    guard head.fields.count < limits.headerFields else {
      throw RequestError(
        .headerFieldsTooLarge,
        "The head has more than \(limits.headerFields) header fields."
      )
    }
    head.fields.append(try FieldLine.parse(bytes, line))
    return false
  }

  private func findLineFeed(_ bytes: BorrowedBytes) -> Int? {
    guard scanned < bytes.count, let base = bytes.buffer.baseAddress,
      let found = memchr(base + scanned, Int32(ASCII.lineFeed), bytes.count - scanned)
    else { return nil }
    return found - UnsafeMutableRawPointer(mutating: base)
  }

  /// Refuses at once what cannot become a request, such as a TLS hello.
  private func checkFirstByte(_ bytes: BorrowedBytes) throws(RequestError) {
    guard !sawRequestLine, lineStart < bytes.count else { return }
    let first = bytes.buffer[lineStart]
    guard ASCII.isToken(first) || first == ASCII.carriageReturn || first == ASCII.lineFeed else {
      throw .malformed("The request must start with a method.")
    }
  }

  private func checkLength(
    upTo end: Int,
    lineLength: Int,
    _ limits: ServerLimits
  ) throws(RequestError) {
    if !sawRequestLine {
      guard lineLength <= limits.requestLineBytes else {
        throw RequestError(
          .uriTooLong,
          "The request line is longer than \(limits.requestLineBytes) bytes."
        )
      }
    } else if end - blockStart > limits.headerBlockBytes {
      throw RequestError(
        .headerFieldsTooLarge,
        "The request header is larger than \(limits.headerBlockBytes) bytes."
      )
    }
  }
}

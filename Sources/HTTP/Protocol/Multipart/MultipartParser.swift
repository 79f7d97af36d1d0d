internal import Glibc

/// Takes a `multipart/form-data` body apart as it arrives (RFC 7578, RFC 2046 §5.1), without I/O and
/// whatever its pieces are.
///
/// ```swift
/// var rest = piece
/// while let event = try parser.next(&rest) { ... }
/// ```
///
/// Linear: a delimiter contains one CR, its first byte, so that after a mismatch no byte of it needs
/// to be looked at again. Bounded: parts, their headers and the boundary; the parts' bytes are only
/// passed on. Strict: nothing before the first delimiter, nothing behind the last, no padding.
package struct MultipartParser: ~Copyable {
  /// What the body holds next.
  package enum Event {
    /// A part begins.
    case begin(MultipartPart)
    /// Bytes of that part, never empty; valid until the parser is used again.
    case bytes(UnsafeRawBufferPointer)
    /// That part ends.
    case end
  }

  /// What a form may have at most.
  package struct Limits: Sendable, Equatable {
    /// Parts.
    package var parts = 32
    /// Field lines of one part.
    package var partHeaderFields = 16
    /// Field lines of one part together, bytes.
    package var partHeaderBytes = 8 * 1024

    /// The defaults above.
    package init() {}
  }

  private enum State {
    case start, delimiter, afterDelimiter, delimiterLineFeed, closingDash
    case header, headerLineFeed, content, epilogue, epilogueLineFeed, done
  }

  private let limits: Limits
  /// CR LF `--` boundary.
  private let delimiter: UnsafeMutableRawBufferPointer
  private var state = State.start
  /// How many bytes of the delimiter have come.
  private var matched = 0
  private var partCount = 0
  private var isInPart = false
  private var lines: [[UInt8]] = []
  private var line: [UInt8] = []
  private var headerBytes = 0

  /// A parser for one body with this boundary.
  package init(_ boundary: MultipartBoundary, limits: Limits = Limits()) {
    self.limits = limits
    let bytes = [ASCII.carriageReturn, ASCII.lineFeed, Self.dash, Self.dash] + boundary.bytes
    delimiter = .allocate(byteCount: bytes.count, alignment: 1)
    delimiter.copyBytes(from: bytes)
  }

  deinit { delimiter.deallocate() }

  private static var dash: UInt8 { 0x2D }

  /// Reads on and drops what it has read from the front of `input`; nil when all of it was used.
  package mutating func next(
    _ input: inout UnsafeRawBufferPointer
  ) throws(RequestError) -> Event? {
    while let byte = input.first {
      switch state {
      case .content:
        let count = contentCount(input)
        if count > 0 { return .bytes(Self.take(count, &input)) }
        matched = 0
        state = .delimiter
      case .delimiter:
        if let event = try match(byte, &input) { return event }
      case .header where byte != ASCII.carriageReturn:
        try readHeader(&input)
      default:
        if let event = try step(byte, &input) { return event }
      }
    }
    return nil
  }

  /// Checks that the body was complete.
  package func finish() throws(RequestError) {
    guard state == .epilogue || state == .done else {
      throw .malformed("The form ends before its closing boundary.")
    }
  }

  // MARK: - States

  /// States that take one byte.
  private mutating func step(
    _ byte: UInt8,
    _ input: inout UnsafeRawBufferPointer
  ) throws(RequestError) -> Event? {
    if state == .start {
      // The first delimiter needs no CR LF before it.
      matched = byte == ASCII.carriageReturn ? 0 : 2
      state = .delimiter
      return nil
    }
    _ = Self.take(1, &input)
    switch (state, byte) {
    case (.afterDelimiter, ASCII.carriageReturn): state = .delimiterLineFeed
    case (.afterDelimiter, Self.dash): state = .closingDash
    case (.delimiterLineFeed, ASCII.lineFeed): try beginHeader()
    case (.closingDash, Self.dash): state = .epilogue
    case (.header, ASCII.carriageReturn): state = .headerLineFeed
    case (.headerLineFeed, ASCII.lineFeed): return try endLine()
    case (.epilogue, ASCII.carriageReturn): state = .epilogueLineFeed
    case (.epilogueLineFeed, ASCII.lineFeed): state = .done
    case (.epilogue, _), (.epilogueLineFeed, _), (.done, _):
      throw .malformed("The form goes on behind its closing boundary.")
    case (.headerLineFeed, _):
      throw .malformed("The header lines of a part must end in CR LF.")
    default:
      throw .malformed("A boundary of the form must be followed by CR LF or two dashes.")
    }
    return nil
  }

  /// Compares one byte with the delimiter.
  private mutating func match(
    _ byte: UInt8,
    _ input: inout UnsafeRawBufferPointer
  ) throws(RequestError) -> Event? {
    if byte == delimiter[matched] {
      _ = Self.take(1, &input)
      matched += 1
      guard matched == delimiter.count else { return nil }
      state = .afterDelimiter
      defer { isInPart = false }
      return isInPart ? .end : nil
    }
    guard isInPart else { throw .malformed("The form must begin with its boundary.") }
    // No delimiter after all: what was held back is content, and equal to the delimiter's front.
    state = .content
    return .bytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(delimiter)[..<matched]))
  }

  /// How many bytes in front are content for sure: up to a delimiter, whole or cut off.
  private func contentCount(_ input: UnsafeRawBufferPointer) -> Int {
    guard let start = input.baseAddress, let expected = delimiter.baseAddress else { return 0 }
    var from = 0
    while from < input.count,
      let found = memchr(start + from, Int32(ASCII.carriageReturn), input.count - from)
    {
      let offset = UnsafeRawPointer(found) - start
      let count = min(delimiter.count, input.count - offset)
      if memcmp(found, expected, count) == 0 { return offset }
      from = offset + 1
    }
    return input.count
  }

  private mutating func beginHeader() throws(RequestError) {
    partCount += 1
    guard partCount <= limits.parts else {
      throw RequestError(.contentTooLarge, "The form has more than \(limits.parts) parts.")
    }
    state = .header
    lines.removeAll(keepingCapacity: true)
    line.removeAll(keepingCapacity: true)
    headerBytes = 0
  }

  /// Collects header bytes up to a CR.
  private mutating func readHeader(_ input: inout UnsafeRawBufferPointer) throws(RequestError) {
    let count = input.firstIndex(of: ASCII.carriageReturn) ?? input.count
    headerBytes += count
    guard headerBytes <= limits.partHeaderBytes else {
      throw RequestError(
        .headerFieldsTooLarge,
        "The header of a part is larger than \(limits.partHeaderBytes) bytes."
      )
    }
    line.append(contentsOf: Self.take(count, &input))
  }

  /// Ends a header line; an empty one ends the header.
  private mutating func endLine() throws(RequestError) -> Event? {
    state = .header
    if !line.isEmpty {
      guard lines.count < limits.partHeaderFields else {
        throw RequestError(
          .headerFieldsTooLarge,
          "A part has more than \(limits.partHeaderFields) header lines."
        )
      }
      lines.append(line)
      line.removeAll(keepingCapacity: true)
      return nil
    }
    let part = try MultipartPart(lines: lines)
    // Content may be empty: the delimiter's CR LF can follow at once, like any other.
    state = .content
    isInPart = true
    return .begin(part)
  }

  private static func take(
    _ count: Int,
    _ input: inout UnsafeRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    defer { input = UnsafeRawBufferPointer(rebasing: input[count...]) }
    return UnsafeRawBufferPointer(rebasing: input[..<count])
  }
}

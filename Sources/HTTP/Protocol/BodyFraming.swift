/// How the end of a request body is known (RFC 9112 §6.3).
enum BodyFraming: Equatable {
  /// No body.
  case none
  /// `Content-Length` bytes.
  case length(Int)
  /// Chunked transfer coding.
  case chunked

  /// Decides the framing.
  ///
  /// Anything two parsers could read differently is refused: smuggling lives on such differences.
  init(_ fields: HeaderFields, minorVersion: UInt8) throws(RequestError) {
    var length: Int?
    var isChunked = false
    for index in 0..<fields.count {
      let name = fields.name(at: index)
      if name.equalsIgnoringCase("content-length") {
        // RFC 9112 §6.3 rule 5: a list or repeated Content-Length is invalid. We refuse even
        // identical repetitions.
        guard length == nil else { throw .malformed("There is more than one Content-Length.") }
        length = try Self.parseLength(fields.value(at: index))
      } else if name.equalsIgnoringCase("transfer-encoding") {
        guard !isChunked else { throw .malformed("There is more than one Transfer-Encoding.") }
        try Self.checkTransferEncoding(fields.value(at: index))
        isChunked = true
      }
    }
    if isChunked {
      // RFC 9112 §6.1: both together is an attempt at smuggling; TE in 1.0 is faulty framing.
      guard length == nil else {
        throw .malformed("Content-Length and Transfer-Encoding must not be used together.")
      }
      guard minorVersion >= 1 else {
        throw .malformed("Transfer-Encoding is not part of HTTP/1.0.")
      }
      self = .chunked
    } else if let length, length > 0 {
      self = .length(length)
    } else {
      self = .none
    }
  }

  /// Reads `1*DIGIT` (RFC 9110 §8.6): no sign, no blanks inside, no list.
  ///
  /// Overflow is a size nobody allows.
  private static func parseLength(_ value: BorrowedBytes) throws(RequestError) -> Int {
    guard !value.isEmpty, value.buffer.allSatisfy(ASCII.isDigit) else {
      throw .malformed("Content-Length must be decimal digits.")
    }
    guard let length = value.decimal else {
      throw RequestError(.contentTooLarge, "Content-Length is larger than any limit.")
    }
    return length
  }

  /// RFC 9112 §6.1, §7: `chunked` must be last and come once; we know no other coding.
  private static func checkTransferEncoding(_ value: BorrowedBytes) throws(RequestError) {
    var count = 0
    var chunkedCount = 0
    var lastIsChunked = false
    var hasEmpty = false
    value.forEachListElement { element in
      count += 1
      lastIsChunked = element.equalsIgnoringCase("chunked")
      chunkedCount += lastIsChunked ? 1 : 0
      hasEmpty = hasEmpty || element.isEmpty
      return true
    }
    guard lastIsChunked, chunkedCount == 1, !hasEmpty else {
      throw .malformed("Transfer-Encoding must end in a single chunked.")
    }
    guard count == 1 else {
      throw RequestError(.notImplemented, "The only transfer coding understood is chunked.")
    }
  }
}

/// A range of bytes, counted from the first byte of the head.
struct ByteRange: Equatable {
  var start = 0
  var end = 0
}

/// The request target, split but not decoded (RFC 9112 §3.2).
struct RequestTarget: Equatable {
  enum Form: Equatable {
    /// `/path?query`
    case origin
    /// `http://host/path?query`; its authority overrides `Host`.
    case absolute
    /// `*`, for `OPTIONS` only.
    case asterisk
  }

  var form = Form.origin
  var path = ByteRange()
  /// The query without its `?`; empty when there is none.
  var query = ByteRange()
  /// The authority of the absolute form.
  var authority = ByteRange()

  /// Parses the target at `range` of `bytes`.
  init(_ bytes: BorrowedBytes, _ range: ByteRange, method: Method) throws(RequestError) {
    guard range.start < range.end else { throw .malformed("The request target is empty.") }
    var pathStart = range.start
    if bytes.buffer[range.start] == ASCII.slash {
      form = .origin
    } else if range.end - range.start == 1, bytes.buffer[range.start] == 0x2A {
      guard method == .options else {
        throw .malformed("The request target * is for OPTIONS only.")
      }
      form = .asterisk
      path = ByteRange(start: range.start, end: range.start)
      query = path
      return
    } else if let authorityStart = Self.schemeEnd(bytes, range) {
      form = .absolute
      var end = authorityStart
      while end < range.end, bytes.buffer[end] != ASCII.slash, bytes.buffer[end] != ASCII.question {
        end += 1
      }
      guard Authority.isValid(bytes[authorityStart, end]) else {
        throw .malformed("The authority of the request target is not a valid host.")
      }
      authority = ByteRange(start: authorityStart, end: end)
      pathStart = end
    } else {
      throw .malformed("The request target must start with / or be an absolute http URI.")
    }
    try splitPath(bytes, from: pathStart, to: range.end)
  }

  /// The target `/`.
  init() {}

  private mutating func splitPath(
    _ bytes: BorrowedBytes,
    from start: Int,
    to end: Int
  ) throws(RequestError) {
    var index = start
    while index < end, bytes.buffer[index] != ASCII.question {
      guard ASCII.isPath(bytes.buffer[index]) || bytes.buffer[index] == ASCII.percent else {
        throw .malformed("The request path contains a byte that must be percent-encoded.")
      }
      index += 1
    }
    path = ByteRange(start: start, end: index)
    let queryStart = min(index + 1, end)
    for position in queryStart..<end where !ASCII.isQuery(bytes.buffer[position]) {
      throw .malformed("The request query contains a byte that must be percent-encoded.")
    }
    query = ByteRange(start: queryStart, end: end)
  }

  /// Where the authority of an absolute target starts, or nil when there is no http scheme.
  private static func schemeEnd(_ bytes: BorrowedBytes, _ range: ByteRange) -> Int? {
    for scheme in ["http://", "https://"] as [StaticString] {
      let count = scheme.utf8CodeUnitCount
      if range.end - range.start > count,
        bytes[range.start, range.start + count].equalsIgnoringCase(scheme)
      {
        return range.start + count
      }
    }
    return nil
  }
}

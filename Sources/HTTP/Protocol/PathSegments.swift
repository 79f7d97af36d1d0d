/// The segments of a path, split at `/` first and then percent-decoded once each
/// (RFC 3986 §2.4): a decoded slash can never become a separator.
struct PathSegments {
  /// One segment: where its raw bytes lie in the head and, if it holds a `%`, its decoded bytes.
  struct Segment: Equatable {
    var raw: ByteRange
    /// Offsets into `decoded`, or nil when the raw bytes need no decoding.
    var decoded: ByteRange?
  }

  private(set) var segments: [Segment] = []
  private(set) var decoded: [UInt8] = []

  /// Allocates for a usual path once.
  mutating func reserve() {
    segments.reserveCapacity(16)
  }

  mutating func removeAll() {
    segments.removeAll(keepingCapacity: true)
    decoded.removeAll(keepingCapacity: true)
  }

  /// Splits and decodes the path at `range` of `bytes`.
  mutating func parse(
    _ bytes: BorrowedBytes,
    _ range: ByteRange,
    limit: Int
  ) throws(RequestError) {
    var start = min(range.start + 1, range.end)  // behind the leading slash
    var hasEscape = false
    for index in start...range.end {
      if index < range.end, bytes.buffer[index] != ASCII.slash {
        hasEscape = hasEscape || bytes.buffer[index] == ASCII.percent
        continue
      }
      guard segments.count < limit else {
        throw RequestError(.uriTooLong, "The path has more than \(limit) segments.")
      }
      try append(bytes, ByteRange(start: start, end: index), hasEscape: hasEscape)
      start = index + 1
      hasEscape = false
    }
  }

  private mutating func append(
    _ bytes: BorrowedBytes,
    _ raw: ByteRange,
    hasEscape: Bool
  ) throws(RequestError) {
    var segment = Segment(raw: raw, decoded: nil)
    if hasEscape {
      let start = decoded.count
      try PercentDecoding.appendSegment(bytes[raw.start, raw.end], to: &decoded)
      segment.decoded = ByteRange(start: start, end: decoded.count)
    }
    let isDots = withBytes(of: segment, in: bytes) { $0.equals(".") || $0.equals("..") }
    guard !isDots else {
      throw .malformed("The path must not contain the segments . or ..")
    }
    segments.append(segment)
  }

  /// Calls `body` with the decoded bytes of a segment of the head `bytes`.
  func withBytes<Result>(
    of segment: Segment,
    in bytes: BorrowedBytes,
    _ body: (BorrowedBytes) -> Result
  ) -> Result {
    guard let range = segment.decoded else {
      return body(bytes[segment.raw.start, segment.raw.end])
    }
    return decoded.withUnsafeBytes { body(BorrowedBytes($0)[range.start, range.end]) }
  }
}

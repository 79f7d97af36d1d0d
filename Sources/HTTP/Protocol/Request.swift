/// A complete request, its bytes borrowed from the connection's read buffer.
///
/// Everything it vends is valid from `handle` until the responder completes, on whatever thread, or until
/// `Responder.releaseRequest`; afterwards the same object serves the connection's next request. Do not keep it.
///
/// `@unchecked Sendable`: the loop writes it only while no request is in flight; in between it is
/// read-only.
package final class Request: @unchecked Sendable {
  var head = RequestHead()
  /// The head's first byte; nil before the first request.
  var base: UnsafePointer<UInt8>?
  var bodyStart = 0
  var bodyCount = 0
  /// What the router captured: index of the segment and bytes to leave out at its end.
  var captures: [Capture] = []

  /// Which event loop the request arrived on, from 0: the index of per-loop state.
  package internal(set) var loopIndex = 0

  /// What took the body as it arrived, if the handler gave a sink for it; `body` is empty then.
  package internal(set) var sink: (any BodySink)?

  /// The number of the route that matched, -1 before the router has looked and where none did.
  package internal(set) var routeID = -1

  /// When the event loop found the bytes that completed the request.
  package internal(set) var receivedAt: Nanoseconds = 0

  /// What the handler wants to have again in `didRespond`; let go with the answer.
  package var subject: AnyObject?

  /// Whether the client runs on this machine: its address is 127.0.0.0/8 or ::1.
  package internal(set) var isFromLoopback = false

  init() {
    head.fields.reserveCapacity(32)
    head.path.reserve()
  }

  /// The method.
  package var method: Method { head.method }
  /// Whether the client speaks HTTP/1.1, not 1.0.
  package var isHTTP11: Bool { head.minorVersion >= 1 }
  /// Whether the target was `*` (with `OPTIONS`).
  package var isAsterisk: Bool { head.target.form == .asterisk }
  /// The path as sent, without the query.
  package var rawPath: BorrowedBytes { bytes(head.target.path) }
  /// The query as sent, without the `?`; empty when there is none.
  package var rawQuery: BorrowedBytes { bytes(head.target.query) }

  /// The header fields.
  package var headers: HeaderFields {
    HeaderFields(head: headBytes, ranges: head.fields)
  }

  /// The authority that the client asked: that of an absolute target, else `Host`.
  package var host: BorrowedBytes? {
    head.target.form == .absolute ? bytes(head.target.authority) : headers["host"]
  }

  /// The body, contiguous; empty when there is none.
  package var body: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base.map { $0 + bodyStart }, count: bodyCount)
  }

  /// The size that `Content-Length` announced; nil for a chunked body.
  package var announcedBodyLength: Int? {
    switch head.framing {
    case .none: 0
    case .length(let length): length
    case .chunked: nil
    }
  }

  /// How many path segments there are: `/a/b` has two, `/` has one that is empty.
  package var segmentCount: Int { head.path.segments.count }

  /// Calls `body` with the decoded bytes of a path segment.
  package func withSegment<Result>(_ index: Int, _ body: (BorrowedBytes) -> Result) -> Result {
    head.path.withBytes(of: head.path.segments[index], in: headBytes, body)
  }

  /// Calls `body` with the decoded bytes of the `index`-th parameter of the matched route.
  package func withParameter<Result>(_ index: Int, _ body: (BorrowedBytes) -> Result) -> Result {
    let capture = captures[index]
    return withSegment(capture.segment) { body($0[0, $0.count - capture.suffix]) }
  }

  /// A copy of the `index`-th parameter of the matched route.
  package func parameter(_ index: Int) -> String {
    withParameter(index) { String(decoding: $0.buffer, as: UTF8.self) }
  }

  /// The decoded value of the first query item with this name; nil when absent or malformed.
  package func queryValue(_ name: StaticString) -> String? {
    let query = rawQuery
    var start = 0
    for index in 0...query.count where index == query.count || query.buffer[index] == 0x26 {
      let item = query[start, index]
      start = index + 1
      let equals = item.buffer.firstIndex(of: 0x3D) ?? item.count
      if item[0, equals].equals(name) {
        return PercentDecoding.queryComponent(item[min(equals + 1, item.count), item.count])
      }
    }
    return nil
  }

  // MARK: - For the connection and the router

  /// A route parameter: a segment without the literal that ends it.
  struct Capture {
    var segment: Int
    var suffix: Int
  }

  var headBytes: BorrowedBytes {
    BorrowedBytes(UnsafeRawBufferPointer(start: base, count: base == nil ? 0 : head.length))
  }

  private func bytes(_ range: ByteRange) -> BorrowedBytes { headBytes[range.start, range.end] }

  /// Calls `body` with the bytes of a path segment as sent.
  func withRawSegment<Result>(_ index: Int, _ body: (BorrowedBytes) -> Result) -> Result {
    body(bytes(head.path.segments[index].raw))
  }

  /// Forgets where the bytes were, which others use from now on.
  func release() {
    base = nil
    bodyCount = 0
  }

  /// Makes the object ready for the next request.
  func reset() {
    head.reset()
    base = nil
    bodyStart = 0
    bodyCount = 0
    sink = nil
    routeID = -1
    subject = nil
    captures.removeAll(keepingCapacity: true)
  }
}

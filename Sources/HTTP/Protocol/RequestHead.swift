/// A parsed request head: numbers and ranges only, so that it can be reused without allocating.
///
/// All offsets count from the first byte of the head.
struct RequestHead {
  var method = Method.get
  /// 0 for HTTP/1.0, 1 for HTTP/1.1.
  var minorVersion: UInt8 = 1
  var target = RequestTarget()
  var fields: [FieldRange] = []
  var path = PathSegments()
  var framing = BodyFraming.none
  /// Whether the client allows another request on this connection (RFC 9112 §9.3).
  var keepAlive = true
  /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
  var expectsContinue = false
  /// Bytes of the head, from a leading empty line to the final one.
  var length = 0

  /// Forgets the previous request but keeps the memory.
  mutating func reset() {
    target = RequestTarget()
    fields.removeAll(keepingCapacity: true)
    path.removeAll()
    framing = .none
    keepAlive = true
    expectsContinue = false
    length = 0
  }
}

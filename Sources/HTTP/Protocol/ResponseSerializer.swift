/// Writes responses into an output buffer (RFC 9112 §4 to §7).
struct ResponseSerializer {
  /// How the end of the body will be known.
  enum Framing: Equatable {
    /// `Content-Length`, filled in once the body is written.
    case length
    /// `Content-Length` with this number of bytes, for streams whose size is known.
    case fixed(Int)
    /// Chunked transfer coding, for streams.
    case chunked
    /// The end of the connection, for streams to HTTP/1.0 clients.
    case close
  }

  /// What the head of a response says.
  struct Head {
    var status: Status
    var contentType: ContentType
    var headers = ResponseHeaders.none
    var framing = Framing.length
    var isHead = false
    var keepAlive = true
    var isHTTP11 = true
  }

  /// A response whose body is being written.
  struct OpenResponse {
    let mark: Int
    let lengthOffset: Int
    let bodyOffset: Int
    let forbidsBody: Bool
    let dropsBody: Bool
  }

  /// The `Date` line in use.
  var date = HTTPDate()
  /// Digits reserved for `Content-Length`: as many as the last response needed, so that its body
  /// rarely has to move when the number is filled in.
  private var lengthDigits = 3

  init() {}

  /// Writes the head; the body goes behind it.
  mutating func begin(_ output: inout ByteBuffer, _ head: Head) -> OpenResponse {
    let mark = output.count
    let forbidsBody = head.status.forbidsBody
    output.append("HTTP/1.1 " as StaticString)
    output.append(decimal: head.status.code)
    output.append(ASCII.space)
    output.append(head.status.reason)
    output.append("\r\n" as StaticString)
    output.append(date.line)
    if head.contentType.value.utf8CodeUnitCount > 0, !forbidsBody {
      output.append("Content-Type: " as StaticString)
      output.append(head.contentType.value)
      output.append("\r\n" as StaticString)
    }
    output.append(head.headers.lines)
    if !head.keepAlive || head.framing == .close {
      output.append("Connection: close\r\n" as StaticString)
    } else if !head.isHTTP11 {
      output.append("Connection: keep-alive\r\n" as StaticString)
    }
    var lengthOffset = 0
    if forbidsBody || head.framing == .close {
      // RFC 9110 §8.6: no Content-Length with 204; none is needed with 304.
    } else if head.framing == .chunked {
      output.append("Transfer-Encoding: chunked\r\n" as StaticString)
    } else if case .fixed(let count) = head.framing {
      output.append("Content-Length: " as StaticString)
      output.append(decimal: count)
      output.append("\r\n" as StaticString)
    } else {
      output.append("Content-Length: " as StaticString)
      lengthOffset = output.count
      _ = output.reserve(lengthDigits + 4)
      output.append(placeholder: lengthDigits)
      output.append("\r\n" as StaticString)
    }
    output.append("\r\n" as StaticString)
    return OpenResponse(
      mark: mark,
      lengthOffset: lengthOffset,
      bodyOffset: output.count,
      forbidsBody: forbidsBody,
      dropsBody: forbidsBody || head.isHead
    )
  }

  /// Fills in `Content-Length` and removes a body that must not be sent (RFC 9110 §9.3.2, §6.4.1).
  mutating func end(_ output: inout ByteBuffer, _ response: OpenResponse) {
    let bodyCount = output.count - response.bodyOffset
    if response.dropsBody { output.truncate(to: response.bodyOffset) }
    guard !response.forbidsBody else { return }
    let digits = ByteBuffer.digitCount(UInt(bitPattern: bodyCount))
    if digits != lengthDigits {
      output.shift(from: response.lengthOffset + lengthDigits, by: digits - lengthDigits)
      lengthDigits = digits
    }
    output.overwrite(at: response.lengthOffset, decimal: bodyCount, digits: digits)
  }

  /// Writes a whole error response with the body `{"error":"message"}`.
  mutating func appendError(
    _ output: inout ByteBuffer,
    _ error: RequestError,
    isHead: Bool = false
  ) {
    let response = begin(
      &output,
      Head(status: error.status, contentType: .json, isHead: isHead, keepAlive: false)
    )
    output.append("{\"error\":\"" as StaticString)
    output.append(jsonEscaped: error.message)
    output.append("\"}" as StaticString)
    end(&output, response)
  }

  /// Writes one chunk (RFC 9112 §7.1); nothing for no bytes, as an empty chunk ends the body.
  static func appendChunk(_ output: inout ByteBuffer, _ bytes: UnsafeRawBufferPointer) {
    guard !bytes.isEmpty else { return }
    output.append(hexadecimal: bytes.count)
    output.append("\r\n" as StaticString)
    output.append(bytes)
    output.append("\r\n" as StaticString)
  }

  /// Writes the end of a chunked body.
  static func appendLastChunk(_ output: inout ByteBuffer) {
    output.append("0\r\n\r\n" as StaticString)
  }
}

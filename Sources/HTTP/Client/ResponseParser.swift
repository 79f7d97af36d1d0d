/// Parses one response out of a growing buffer (RFC 9112 §4, §6.3).
struct ResponseParser {
  private(set) var response = ClientResponse()
  private let isHead: Bool
  private var headLength = 0
  private var framing: ResponseFraming?
  private var decoder: ChunkedDecoder?
  private var decoded = 0

  private enum ResponseFraming: Equatable {
    case length(Int), chunked, close
  }

  /// Largest response body accepted, bytes.
  private static let bodyLimit = 1 << 30

  init(isHead: Bool) {
    self.isHead = isHead
  }

  /// Whether only the end of the connection ends the body.
  var endsWithConnection: Bool { framing == .close }

  /// The length of the head once it is there; nil when more bytes are needed.
  mutating func parseHead(
    _ input: borrowing ByteBuffer
  ) throws(HTTPClient.Failure) -> Int? {
    if framing == nil {
      guard let length = try parseHead(BorrowedBytes(input.readable)) else { return nil }
      headLength = length
      decoded = length
    }
    return headLength
  }

  /// What cuts the body out of a buffer that begins with it; nil where the end of the connection
  /// ends it.
  func makePieces() -> BodyPieces? {
    let framing: BodyFraming
    switch self.framing {
    case .length(let length): framing = length > 0 ? .length(length) : .none
    case .chunked: framing = .chunked
    case .close, nil: return nil
    }
    return BodyPieces(framing, headLength: 0, bodyLimit: .max, limits: Self.chunkLimits)
  }

  /// The length of the whole message once it is there; nil when more bytes are needed.
  mutating func parse(_ input: inout ByteBuffer) throws(HTTPClient.Failure) -> Int? {
    guard try parseHead(input) != nil else { return nil }
    switch framing {
    case .length(let length):
      guard input.count - headLength >= length else { return nil }
      response.body = BorrowedBytes(input.readable)[headLength, headLength + length].array
      return headLength + length
    case .chunked: return try parseChunks(&input)
    case .close, nil: return nil
    }
  }

  /// The connection has ended, and with it the body.
  mutating func bodyEnded(_ input: borrowing ByteBuffer) {
    response.body = BorrowedBytes(input.readable)[headLength, input.count].array
  }

  private mutating func parseChunks(_ input: inout ByteBuffer) throws(HTTPClient.Failure) -> Int? {
    guard let bytes = input.readableStart else { return nil }
    var read = decoded
    do {
      let ended =
        try decoder?.decode(bytes, read: &read, end: input.count, write: &decoded) ?? true
      guard ended else {
        input.truncate(to: decoded)
        return nil
      }
    } catch {
      throw .malformed(error.message)
    }
    response.body = BorrowedBytes(input.readable)[headLength, decoded].array
    return read
  }

  private mutating func parseHead(_ bytes: BorrowedBytes) throws(HTTPClient.Failure) -> Int? {
    var lines: [BorrowedBytes] = []
    var start = 0
    while true {
      guard let lineFeed = bytes.buffer[start...].firstIndex(of: ASCII.lineFeed) else { return nil }
      guard lineFeed > start, bytes.buffer[lineFeed - 1] == ASCII.carriageReturn else {
        throw .malformed("bare LF in the response head")
      }
      if lineFeed == start + 1 { break }
      lines.append(bytes[start, lineFeed - 1])
      start = lineFeed + 1
    }
    guard let status = lines.first else { throw .malformed("empty response head") }
    try parseStatusLine(status)
    for line in lines.dropFirst() { try parseField(line) }
    if framing == nil { framing = .close }
    if isHead || response.status < 200 || response.status == 204 || response.status == 304 {
      framing = .length(0)
    }
    if framing == .close { response.closes = true }
    return start + 2
  }

  private mutating func parseStatusLine(_ line: BorrowedBytes) throws(HTTPClient.Failure) {
    guard line.count >= 12, line[0, 7].equals("HTTP/1."), line.buffer[8] == ASCII.space,
      let status = line[9, 12].decimal
    else { throw .malformed("status line") }
    response.status = status
    response.closes = line.buffer[7] == 0x30
  }

  private mutating func parseField(_ line: BorrowedBytes) throws(HTTPClient.Failure) {
    guard let colon = line.buffer.firstIndex(of: ASCII.colon) else { throw .malformed("field") }
    let name = line[0, colon]
    let value = line[colon + 1, line.count].trimmed
    response.headers.append(
      (
        String(decoding: name.buffer, as: UTF8.self), String(decoding: value.buffer, as: UTF8.self)
      )
    )
    if name.equalsIgnoringCase("content-length") {
      guard let length = value.decimal, length <= Self.bodyLimit, framing == nil else {
        throw .malformed("Content-Length")
      }
      framing = .length(length)
    } else if name.equalsIgnoringCase("transfer-encoding") {
      guard value.equalsIgnoringCase("chunked"), framing == nil else {
        throw .malformed("Transfer-Encoding")
      }
      framing = .chunked
      decoder = ChunkedDecoder(bodyLimit: Self.bodyLimit, limits: Self.chunkLimits)
    } else if name.equalsIgnoringCase("connection") {
      if value.equalsIgnoringCase("close") { response.closes = true }
      if value.equalsIgnoringCase("keep-alive") { response.closes = false }
    }
  }

  private static let chunkLimits: ServerLimits = {
    var limits = ServerLimits()
    limits.chunks = .max
    return limits
  }()
}

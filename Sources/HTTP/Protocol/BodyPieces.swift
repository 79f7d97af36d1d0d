/// Hands out a body as it arrives, so that a long one never lies in memory whole.
///
/// The buffer holds the head, which stays, and behind it what has arrived since the last piece. The
/// last piece stays as well: moving what follows it would be work for nothing.
struct BodyPieces {
  /// What there is to do next.
  enum Step: Equatable {
    /// Read more, at least one byte and best this many.
    case needBytes(Int)
    /// These offsets of the buffer hold the next bytes of the body; never empty.
    case piece(Range<Int>)
    /// Every piece was handed out; the message ends at this offset of the buffer.
    case ended(Int)
  }

  private let headLength: Int
  /// Bytes still to come; of no meaning for a chunked body.
  private var remaining = 0
  private var decoder: ChunkedDecoder?
  private let readBytes: Int
  /// Where the message ends, once its last byte was seen.
  private var end: Int?
  /// Whether bytes of a piece handed out are still in the buffer.
  private var holdsPiece = false
  /// Bytes of the body handed out so far, after chunk decoding.
  private(set) var count = 0

  /// - Parameters:
  ///   - framing: How the body's end is known.
  ///   - headLength: Bytes in front of the body that stay in the buffer.
  ///   - bodyLimit: Largest chunked body, bytes; a length was compared with it before.
  ///   - limits: Those of chunks; `streamedReadBytes` is the most that is asked for at once.
  init(_ framing: BodyFraming, headLength: Int, bodyLimit: Int, limits: ServerLimits) {
    self.headLength = headLength
    readBytes = max(1, limits.streamedReadBytes)
    switch framing {
    case .none: end = headLength
    case .length(let length): remaining = length
    case .chunked: decoder = ChunkedDecoder(bodyLimit: bodyLimit, limits: limits)
    }
  }

  /// Drops the piece handed out before and looks for the next one.
  mutating func next(_ input: inout ByteBuffer) throws(RequestError) -> Step {
    if let end { return .ended(end) }
    if holdsPiece { input.truncate(to: headLength) }
    holdsPiece = false
    let start = headLength
    let pieceEnd = decoder == nil ? take(input.count) : try decode(&input)
    guard pieceEnd > start else {
      if let end { return .ended(end) }
      return .needBytes(decoder == nil ? min(remaining, readBytes) : readBytes)
    }
    holdsPiece = true
    count += pieceEnd - start
    return .piece(start..<pieceEnd)
  }

  /// Takes what has arrived of a body of known length.
  private mutating func take(_ available: Int) -> Int {
    let taken = min(remaining, available - headLength)
    remaining -= taken
    if remaining == 0 { end = headLength + taken }
    return headLength + taken
  }

  /// Decodes what has arrived of a chunked body, over its framing.
  private mutating func decode(_ input: inout ByteBuffer) throws(RequestError) -> Int {
    var write = headLength
    var read = headLength
    guard let bytes = input.readableStart else { return write }
    if try decoder?.decode(bytes, read: &read, end: input.count, write: &write) ?? true {
      end = read
    } else {
      input.truncate(to: write)
    }
    return write
  }
}

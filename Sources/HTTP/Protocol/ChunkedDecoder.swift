internal import Glibc

/// Decodes the chunked transfer coding in place (RFC 9112 §7.1): chunk data is moved down over the
/// framing, so that the body ends up contiguous.
///
/// Lines end in CR LF only, sizes are bare hexadecimal digits, and the number of chunks, the
/// extensions and the trailers are bounded. Trailers are checked and dropped.
struct ChunkedDecoder {
  private enum State {
    case size, sizeExtension, sizeLineFeed, data, dataReturn, dataLineFeed
    case trailerStart, trailerName, trailerValue, trailerLineFeed, finalLineFeed, done
  }

  private var state = State.size
  private var size = 0
  private var digits = 0
  private var chunkCount = 0
  private var extensionCount = 0
  private var trailerCount = 0
  private var decodedCount = 0
  private let bodyLimit: Int
  private let limits: ServerLimits

  /// A decoder for one body of at most `bodyLimit` decoded bytes.
  init(bodyLimit: Int, limits: ServerLimits) {
    self.bodyLimit = bodyLimit
    self.limits = limits
  }

  /// Decodes `bytes[read..<end]` to `bytes[write...]` and moves both offsets; true when the body
  /// has ended.
  ///
  /// Otherwise everything up to `end` was used.
  mutating func decode(
    _ bytes: UnsafeMutablePointer<UInt8>,
    read: inout Int,
    end: Int,
    write: inout Int
  ) throws(RequestError) -> Bool {
    while read < end {
      if state == .data {
        let count = min(size, end - read)
        if write != read { memmove(bytes + write, bytes + read, count) }
        read += count
        write += count
        size -= count
        decodedCount += count
        if size == 0 { state = .dataReturn }
        continue
      }
      let byte = bytes[read]
      read += 1
      switch state {
      case .size, .sizeExtension, .sizeLineFeed: try sizeLine(byte)
      case .dataReturn, .dataLineFeed: try dataEnd(byte)
      default: try trailer(byte)
      }
      if state == .done { return true }
    }
    return false
  }

  /// Reads `chunk-size [ chunk-ext ] CRLF`.
  private mutating func sizeLine(_ byte: UInt8) throws(RequestError) {
    switch state {
    case .size:
      if let digit = ASCII.hexValue(byte) {
        digits += 1
        guard digits <= 16 else { throw .malformed("A chunk size has more than 16 digits.") }
        guard size <= (bodyLimit - Int(digit)) / 16 else { throw tooLarge() }
        size = size * 16 + Int(digit)
        return
      }
      guard digits > 0 else { throw .malformed("A chunk size must be hexadecimal digits.") }
      switch byte {
      case 0x3B:  // ;
        state = .sizeExtension
        extensionCount = 0
      case ASCII.carriageReturn: state = .sizeLineFeed
      default: throw .malformed("A chunk size must be hexadecimal digits.")
      }
    case .sizeExtension:
      if byte == ASCII.carriageReturn {
        state = .sizeLineFeed
        return
      }
      extensionCount += 1
      guard ASCII.isFieldValue(byte), extensionCount <= limits.chunkExtensionBytes else {
        throw .malformed(
          "A chunk extension is malformed or longer than \(limits.chunkExtensionBytes) bytes."
        )
      }
    default:
      guard byte == ASCII.lineFeed else { throw .malformed("Chunk lines must end in CR LF.") }
      try beginChunk()
    }
  }

  private mutating func beginChunk() throws(RequestError) {
    digits = 0
    guard size > 0 else {
      state = .trailerStart
      return
    }
    chunkCount += 1
    guard chunkCount <= limits.chunks else {
      throw RequestError(.contentTooLarge, "The body has more than \(limits.chunks) chunks.")
    }
    guard size <= bodyLimit - decodedCount else { throw tooLarge() }
    state = .data
  }

  /// After chunk data comes exactly CR LF.
  private mutating func dataEnd(_ byte: UInt8) throws(RequestError) {
    let isReturn = state == .dataReturn
    guard byte == (isReturn ? ASCII.carriageReturn : ASCII.lineFeed) else {
      throw .malformed("Chunk data must be followed by CR LF.")
    }
    state = isReturn ? .dataLineFeed : .size
  }

  /// `trailer-section CRLF` (RFC 9112 §7.1.2), with the grammar of header fields.
  private mutating func trailer(_ byte: UInt8) throws(RequestError) {
    trailerCount += 1
    guard trailerCount <= limits.trailerBytes else {
      throw RequestError(
        .headerFieldsTooLarge,
        "The trailers are larger than \(limits.trailerBytes) bytes."
      )
    }
    switch state {
    case .trailerStart where byte == ASCII.carriageReturn: state = .finalLineFeed
    case .trailerStart where ASCII.isToken(byte): state = .trailerName
    case .trailerName where byte == ASCII.colon: state = .trailerValue
    case .trailerName where ASCII.isToken(byte): break
    case .trailerValue where byte == ASCII.carriageReturn: state = .trailerLineFeed
    case .trailerValue where ASCII.isFieldValue(byte): break
    case .trailerLineFeed where byte == ASCII.lineFeed: state = .trailerStart
    case .finalLineFeed where byte == ASCII.lineFeed: state = .done
    default: throw .malformed("The trailer section is malformed.")
    }
  }

  private func tooLarge() -> RequestError {
    RequestError(
      .contentTooLarge,
      "The chunked request body exceeds the limit of \(bodyLimit) bytes."
    )
  }
}

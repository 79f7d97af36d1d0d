/// Cuts bytes into the pieces that byte pairs do not cross, by classes of ASCII alone.
///
/// A piece is a run of letters (bytes from 0x80 up count as letters), one digit, or a run of other characters, each with one space
/// before it where there is one; or a run of white space, whose last space goes to the next piece. Pieces are cut at `byteCountMax`.
struct BytePieces: Sequence, IteratorProtocol {
  /// Bytes of one piece, which bounds the work of merging it.
  static let byteCountMax = Vocabulary.tokenByteCountMax

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private enum Class { case space, letter, digit, other }

  private func byteClass(_ position: Int) -> Class? {
    guard position < bytes.count else { return nil }
    return switch bytes[position] {
    case 0x09...0x0D, 0x20: .space
    case 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: .letter
    case 0x30...0x39: .digit
    default: .other
    }
  }

  mutating func next() -> ArraySlice<UInt8>? {
    guard position < bytes.count else { return nil }
    let start = position
    var end = start
    if bytes[end] == 0x20, let next = byteClass(end + 1), next != .space { end += 1 }
    let kind = byteClass(end)
    let limit = Swift.min(bytes.count, start + Self.byteCountMax)
    end += 1
    if kind != .digit {
      while end < limit, byteClass(end) == kind { end += 1 }
    }
    // The last space of a run belongs to the piece behind it.
    if kind == .space, end - start > 1, bytes[end - 1] == 0x20, end < bytes.count,
      byteClass(end) != .space
    {
      end -= 1
    }
    position = end
    return bytes[start..<end]
  }
}

import Storage
import Tensors

/// The IHDR chunk, and what follows from it (PNG specification, third edition, sections 7 and 11.2.1).
struct PNGHeader {
  let width: Int
  let height: Int
  /// Bits of one sample: 1, 2, 4, 8, 16.
  let depth: Int
  let colour: Colour
  let isInterlaced: Bool

  enum Colour: Int {
    case grey = 0, rgb = 2, palette = 3, greyAlpha = 4, rgbAlpha = 6

    /// Samples that one pixel has in the file.
    var sampleCount: Int {
      switch self {
      case .grey, .palette: 1
      case .greyAlpha: 2
      case .rgb: 3
      case .rgbAlpha: 4
      }
    }

    fileprivate var depths: [Int] {
      switch self {
      case .grey: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .rgb, .greyAlpha, .rgbAlpha: [8, 16]
      }
    }
  }

  /// One reduced picture of an interlaced file; a file that is not interlaced has one with steps of 1.
  struct Pass {
    let left: Int
    let top: Int
    let stepX: Int
    let stepY: Int
    let width: Int
    let height: Int
  }

  init(_ chunk: PNGChunk, in bytes: [UInt8]) throws(FormatError) {
    func refuse(_ detail: String) -> FormatError { FormatError("png", at: chunk.offset, detail) }
    guard chunk.type == "IHDR", chunk.body.count == 13 else {
      throw refuse("the first chunk is not an IHDR of 13 bytes")
    }
    let start = chunk.body.lowerBound
    width = PNGChunk.number32(bytes, start)
    height = PNGChunk.number32(bytes, start + 4)
    try Image.checkSize(width: width, height: height, format: "png")
    depth = Int(bytes[start + 8])
    guard let colour = Colour(rawValue: Int(bytes[start + 9])), colour.depths.contains(depth) else {
      throw refuse("colour type \(bytes[start + 9]) with \(depth) bits a sample")
    }
    self.colour = colour
    guard bytes[start + 10] == 0, bytes[start + 11] == 0, bytes[start + 12] <= 1 else {
      throw refuse(
        "compression \(bytes[start + 10]), filter \(bytes[start + 11]), interlace \(bytes[start + 12])"
      )
    }
    isInterlaced = bytes[start + 12] == 1
  }

  /// Distance in bytes from a sample to the one left of it, at least 1.
  var pixelByteCount: Int { max(1, colour.sampleCount * depth / 8) }

  /// Bytes of one row without its filter type.
  func rowByteCount(_ width: Int) -> Int { (width * colour.sampleCount * depth + 7) / 8 }

  /// The passes that are not empty.
  var passes: [Pass] {
    guard isInterlaced else {
      return [Pass(left: 0, top: 0, stepX: 1, stepY: 1, width: width, height: height)]
    }
    let adam7 = [
      (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
      (0, 1, 1, 2),
    ]
    return adam7.compactMap { left, top, stepX, stepY in
      guard left < width, top < height else { return nil }
      return Pass(
        left: left,
        top: top,
        stepX: stepX,
        stepY: stepY,
        width: (width - left + stepX - 1) / stepX,
        height: (height - top + stepY - 1) / stepY
      )
    }
  }

  /// Bytes of the inflated picture data: each row has its filter type in front.
  var inflatedByteCount: Int {
    passes.reduce(0) { $0 + (1 + rowByteCount($1.width)) * $1.height }
  }
}

/// A chunk: its type and where its body stands.
struct PNGChunk {
  static let byteCountMax = 1 << 30

  let type: String
  let body: Range<Int>
  /// Where the chunk starts.
  let offset: Int

  /// Reads the chunk at `offset` and checks its CRC.
  init(_ bytes: [UInt8], at offset: Int) throws(FormatError) {
    guard bytes.count - offset >= 12 else {
      throw FormatError("png", at: offset, "the file ends before the IEND chunk")
    }
    let count = Self.number32(bytes, offset)
    guard count <= Self.byteCountMax, count <= bytes.count - offset - 12 else {
      throw FormatError("png", at: offset, "a chunk of \(count) bytes exceeds the file")
    }
    let name = bytes[offset + 4..<offset + 8]
    guard name.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }) else {
      throw FormatError("png", at: offset + 4, "a chunk type is not four letters")
    }
    type = String(decoding: name, as: UTF8.self)
    body = offset + 8..<offset + 8 + count
    self.offset = offset
    let stored = UInt32(truncatingIfNeeded: Self.number32(bytes, body.upperBound))
    guard Deflate.crc32(bytes[offset + 4..<body.upperBound]) == stored else {
      throw FormatError("png", at: offset, "chunk \(type) has a wrong checksum")
    }
  }

  /// Where the next chunk starts.
  var end: Int { body.upperBound + 4 }

  /// An upper-case first letter marks chunks that a decoder must understand.
  var isCritical: Bool { type.utf8.first.map { $0 < 0x61 } ?? true }

  static func number32(_ bytes: [UInt8], _ position: Int) -> Int {
    bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
  }
}

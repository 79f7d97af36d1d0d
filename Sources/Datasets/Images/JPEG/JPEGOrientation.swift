/// How a picture is turned before it is shown: tag 0x0112 of Exif (CIPA DC-008, 4.6.4 A).
enum JPEGOrientation: Int, CaseIterable {
  case normal = 1
  case mirrored
  case turnedHalf
  case flipped
  /// Mirrored along the diagonal from the upper left.
  case transposed
  /// Turned clockwise.
  case turnedRight
  /// Mirrored along the diagonal from the upper right.
  case transversed
  case turnedLeft

  /// True where width and height change places.
  var swapsSides: Bool { rawValue >= 5 }

  /// Where the first pixel of a stored picture goes, and how far apart pixels of a row and rows are then; in pixels.
  func places(width: Int, height: Int) -> (start: Int, stepX: Int, stepY: Int) {
    let (right, bottom) = (width - 1, height - 1)
    return switch self {
    case .normal: (0, 1, width)
    case .mirrored: (right, -1, width)
    case .turnedHalf: (bottom * width + right, -1, -width)
    case .flipped: (bottom * width, 1, -width)
    case .transposed: (0, height, 1)
    case .turnedRight: (bottom, height, -1)
    case .transversed: (right * height + bottom, -height, -1)
    case .turnedLeft: (right * height, -height, 1)
    }
  }

  /// Finds the orientation in an APP1 segment; `nil` where it is no Exif segment, or damaged, or says nothing: a picture is good without.
  init?(exif body: ArraySlice<UInt8>) {
    guard body.starts(with: Array("Exif\0\0".utf8)) else { return nil }
    let tiff = Array(body.dropFirst(6))
    let isLittle: Bool
    switch tiff.prefix(4) {
    case [0x49, 0x49, 0x2A, 0]: isLittle = true
    case [0x4D, 0x4D, 0, 0x2A]: isLittle = false
    default: return nil
    }
    func number(_ position: Int, _ count: Int) -> Int? {
      guard position >= 0, position <= tiff.count - count else { return nil }
      let digits = tiff[position..<position + count]
      return isLittle
        ? digits.reversed().reduce(0) { $0 << 8 | Int($1) }
        : digits.reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(4, 4), let count = number(directory, 2) else { return nil }
    for index in 0..<count {
      let entry = directory + 2 + 12 * index
      guard let tag = number(entry, 2) else { return nil }
      // Type 3 is a number of two bytes, which stands in the entry itself.
      guard tag == 0x0112, number(entry + 2, 2) == 3, number(entry + 4, 4) == 1 else { continue }
      guard let value = number(entry + 8, 2) else { return nil }
      self.init(rawValue: value)
      return
    }
    return nil
  }
}

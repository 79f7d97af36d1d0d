import Storage

/// A scan header: which coefficients of which components the coded data behind it hold (T.81, B.2.3 and G.1.1.1.1).
struct JPEGScan {
  /// One component of a scan, with the codes of its coefficients.
  struct Part {
    /// Its place in the frame header.
    let component: Int
    let dc: JPEGHuffmanTable?
    let ac: JPEGHuffmanTable?
  }

  /// What a scan says about a coefficient.
  enum Kind {
    /// All coefficients, each whole.
    case sequential
    case firstDC
    case correctionDC
    case firstAC
    case correctionAC
  }

  /// Blocks of a minimum coded unit.
  static let unitBlockCountMax = 10
  /// The highest bit that the first scan of a coefficient may end with.
  static let lowBitMax = 13

  let kind: Kind
  let parts: [Part]
  /// The coefficients, in the order of the file.
  let band: ClosedRange<Int>
  /// The lowest bit of the coefficients that this scan has.
  let lowBit: Int

  init(
    _ segment: JPEGSegment,
    in bytes: [UInt8],
    frame: JPEGFrame,
    tables: JPEGHuffmanTables
  ) throws(FormatError) {
    let body = bytes[segment.body]
    let start = body.startIndex
    let count = body.first.map(Int.init) ?? 0
    guard (1...4).contains(count), body.count == 4 + 2 * count else {
      throw segment.error("a scan header of \(body.count) bytes for \(count) components")
    }
    let end = start + 1 + 2 * count
    let (first, last) = (Int(body[end]), Int(body[end + 1]))
    let (high, low) = (Int(body[end + 2] >> 4), Int(body[end + 2] & 15))
    if frame.isProgressive {
      // A first scan has no bits before it; a correction adds the one bit below those already there.
      guard first <= last, last <= 63, first > 0 || last == 0, first == 0 || count == 1,
        low <= Self.lowBitMax, high == 0 || high == low + 1
      else {
        throw segment.error(
          "a scan of \(count) components, coefficients \(first)...\(last), bits \(high) to \(low)"
        )
      }
      band = first...last
      lowBit = low
      switch (first, high) {
      case (0, 0): kind = .firstDC
      case (0, _): kind = .correctionDC
      case (_, 0): kind = .firstAC
      default: kind = .correctionAC
      }
    } else {
      // Some encoders leave nonsense here: it says nothing in a sequential file.
      band = 0...63
      lowBit = 0
      kind = .sequential
    }
    var parts: [Part] = []
    for position in stride(from: start + 1, to: end, by: 2) {
      let (identifier, numbers) = (body[position], body[position + 1])
      guard
        let component = frame.components.firstIndex(where: { $0.identifier == identifier }),
        !parts.contains(where: { $0.component == component })
      else { throw segment.error("component \(identifier) is unknown, or twice in the scan") }
      guard numbers >> 4 < 4, numbers & 15 < 4 else {
        throw segment.error("Huffman tables \(numbers >> 4) and \(numbers & 15); 0 to 3 exist")
      }
      parts.append(
        Part(
          component: component,
          dc: tables.dc[Int(numbers >> 4)],
          ac: tables.ac[Int(numbers & 15)]
        )
      )
    }
    self.parts = parts
    try check(segment, frame)
  }

  /// Tables are there for what the scan holds, and a unit has no more blocks than the standard allows.
  private func check(_ segment: JPEGSegment, _ frame: JPEGFrame) throws(FormatError) {
    for part in parts {
      let isComplete =
        switch kind {
        case .sequential: part.dc != nil && part.ac != nil
        case .firstDC: part.dc != nil
        case .correctionDC: true
        case .firstAC, .correctionAC: part.ac != nil
        }
      guard isComplete else { throw segment.error("the scan uses a Huffman table that is missing") }
    }
    let blocks = parts.reduce(0) {
      let component = frame.components[$1.component]
      return $0 + component.horizontal * component.vertical
    }
    guard parts.count == 1 || blocks <= Self.unitBlockCountMax else {
      throw segment.error("\(blocks) blocks in a unit; at most \(Self.unitBlockCountMax)")
    }
  }
}

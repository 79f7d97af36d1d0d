import Storage

/// The frame header: sizes, sampling, and the geometry that follows from them (T.81, B.2.2 and A.1.1).
struct JPEGFrame {
  /// One component: luma, a chroma difference, or a colour.
  struct Component {
    /// The number by which scans name it.
    let identifier: UInt8
    /// Samples across a minimum coded unit, in blocks: 1...4.
    let horizontal: Int
    /// Samples down a minimum coded unit, in blocks: 1...4.
    let vertical: Int
    /// Which quantisation table it uses: 0...3.
    let quantization: Int
    /// Samples that count in a row, without the padding to whole blocks.
    let width: Int
    /// Rows that count.
    let height: Int
    /// Blocks of a row as they are stored: whole minimum coded units.
    let columnCount: Int
    /// Rows of blocks as they are stored.
    let rowCount: Int

    /// Blocks of a row in a scan that has only this component.
    var ownColumnCount: Int { (width + 7) / 8 }
    /// Rows of blocks in a scan that has only this component.
    var ownRowCount: Int { (height + 7) / 8 }
    /// Samples of a row as they are stored.
    var stride: Int { columnCount * 8 }
    /// Samples as they are stored.
    var sampleCount: Int { columnCount * rowCount * 64 }
  }

  let isProgressive: Bool
  let width: Int
  let height: Int
  let components: [Component]
  /// The largest sampling factors of all components.
  let horizontalMax: Int
  let verticalMax: Int
  /// Minimum coded units of a row, in scans with several components.
  let unitColumnCount: Int
  let unitRowCount: Int

  /// Reads a frame header and checks everything about it that costs time or memory.
  ///
  /// - Throws: `FormatError` for damage, what is not supported, and sizes above the limits.
  init(_ segment: JPEGSegment, in bytes: [UInt8]) throws(FormatError) {
    isProgressive = segment.marker == 0xC2
    try JPEGFrame.checkProcess(segment)
    let body = segment.body
    guard body.count >= 6 else { throw segment.error("a frame header of \(body.count) bytes") }
    let start = body.lowerBound
    guard bytes[start] == 8 else {
      throw segment.error("samples of \(bytes[start]) bits; 8 are read")
    }
    height = JPEGSegment.number16(bytes, start + 1)
    width = JPEGSegment.number16(bytes, start + 3)
    guard height > 0 else {
      throw segment.error("no height: files that tell it later, by a DNL marker, are not read")
    }
    try Image.checkSize(width: width, height: height, format: "jpeg")
    let count = Int(bytes[start + 5])
    guard count == 1 || count == 3 else {
      throw segment.error(
        count == 4
          ? "four colours (CMYK or YCCK) are not read: convert the picture to RGB"
          : "\(count) components; 1 (grey) and 3 (colour) are read"
      )
    }
    guard body.count == 6 + 3 * count else {
      throw segment.error("a frame header of \(body.count) bytes for \(count) components")
    }
    let fields = (0..<count).map { index in
      let position = start + 6 + 3 * index
      return (bytes[position], Int(bytes[position + 1]), Int(bytes[position + 2]))
    }
    for (identifier, factors, table) in fields {
      guard (1...4).contains(factors >> 4), (1...4).contains(factors & 15), table < 4 else {
        throw segment.error(
          "component \(identifier) has sampling \(factors >> 4) x \(factors & 15), table \(table)"
        )
      }
    }
    guard Set(fields.map(\.0)).count == count else {
      throw segment.error("two components have the same number")
    }
    let (horizontalMax, verticalMax) = (
      fields.reduce(1) { max($0, $1.1 >> 4) }, fields.reduce(1) { max($0, $1.1 & 15) }
    )
    let unitColumnCount = JPEGFrame.ceiling(width, 8 * horizontalMax)
    let unitRowCount = JPEGFrame.ceiling(height, 8 * verticalMax)
    let (width, height) = (width, height)
    components = fields.map { identifier, factors, table in
      Component(
        identifier: identifier,
        horizontal: factors >> 4,
        vertical: factors & 15,
        quantization: table,
        width: JPEGFrame.ceiling(width * (factors >> 4), horizontalMax),
        height: JPEGFrame.ceiling(height * (factors & 15), verticalMax),
        columnCount: unitColumnCount * (factors >> 4),
        rowCount: unitRowCount * (factors & 15)
      )
    }
    self.horizontalMax = horizontalMax
    self.verticalMax = verticalMax
    self.unitColumnCount = unitColumnCount
    self.unitRowCount = unitRowCount
    try checkMemory(segment, fileByteCount: bytes.count)
  }

  /// Bytes that decoding takes: planes, pixels, and for progressive files the coefficients.
  var memoryByteCount: Int {
    let samples = components.reduce(0) { $0 + $1.sampleCount }
    return samples * (isProgressive ? 1 + MemoryLayout<Int16>.size : 1)
      + width * height * components.count
  }

  private static func ceiling(_ value: Int, _ divisor: Int) -> Int {
    (value + divisor - 1) / divisor
  }

  /// Refuses every coding process but the three that are read.
  private static func checkProcess(_ segment: JPEGSegment) throws(FormatError) {
    let process: String
    switch segment.marker {
    case 0xC0, 0xC1, 0xC2: return
    case 0xC3: process = "lossless"
    case 0xC9...0xCF: process = "arithmetic coding"
    default: process = "hierarchical"
    }
    throw segment.error(
      "\(process) files are not read; baseline, extended sequential and progressive ones are"
    )
  }

  private func checkMemory(
    _ segment: JPEGSegment,
    fileByteCount: Int
  ) throws(FormatError) {
    guard memoryByteCount <= JPEG.memoryByteCountMax else {
      throw segment.error(
        "\(width) x \(height) pixels need \(memoryByteCount) bytes; at most \(JPEG.memoryByteCountMax)"
      )
    }
    // Each block takes at least one bit: refused before memory is taken for a picture that cannot be there.
    let blocks = components.reduce(0) { $0 + $1.ownColumnCount * $1.ownRowCount }
    guard blocks <= fileByteCount * 8 else {
      throw segment.error("\(fileByteCount) bytes cannot hold \(width) x \(height) pixels")
    }
  }
}

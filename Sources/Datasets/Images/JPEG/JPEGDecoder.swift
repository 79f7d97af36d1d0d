import Storage

/// Reads the segments of a file one after the other, and makes the picture at its end.
struct JPEGDecoder {
  private let bytes: [UInt8]
  private var quantization = JPEGQuantization()
  private var huffman = JPEGHuffmanTables()
  /// Units between two restart markers; 0 for none.
  private var restartInterval = 0
  private var frame: JPEGFrame?
  private var planes: [JPEGPlane] = []
  private var scanCount = 0
  private var hasJFIF = false
  private var adobeTransform: UInt8?
  private var orientation: JPEGOrientation?

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Decodes the whole file.
  mutating func image() throws(FormatError) -> Image {
    guard bytes.starts(with: JPEG.signature) else {
      throw FormatError("jpeg", at: 0, "the file does not start with the JPEG signature")
    }
    var position = 2
    while true {
      let segment = try JPEGSegment(bytes, at: position)
      guard segment.marker != JPEGSegment.Marker.endOfImage else { return try picture(segment) }
      position = segment.body.upperBound
      if segment.marker == JPEGSegment.Marker.startOfScan {
        position = try readScan(segment)
      } else {
        try read(segment)
      }
    }
  }

  private mutating func read(_ segment: JPEGSegment) throws(FormatError) {
    let body = bytes[segment.body]
    switch segment.marker {
    case JPEGSegment.Marker.quantizationTables: try quantization.read(segment, in: bytes)
    case JPEGSegment.Marker.huffmanTables: try huffman.read(segment, in: bytes)
    case JPEGSegment.Marker.restartInterval:
      guard body.count == 2 else { throw segment.error("a DRI segment of \(body.count) bytes") }
      restartInterval = JPEGSegment.number16(bytes, body.startIndex)
    case JPEGSegment.Marker.application0:
      if body.starts(with: Array("JFIF\0".utf8)) { hasJFIF = true }
    case JPEGSegment.Marker.application1:
      orientation = orientation ?? JPEGOrientation(exif: body)
    case JPEGSegment.Marker.application14:
      if body.count >= 12, body.starts(with: Array("Adobe".utf8)) {
        adobeTransform = body[body.startIndex + 11]
      }
    case JPEGSegment.Marker.arithmeticConditions:
      throw segment.error("arithmetic coding is not read; Huffman coding is")
    case JPEGSegment.Marker.lineCount, JPEGSegment.Marker.hierarchy:
      throw segment.error("DNL, DHP and EXP segments are not read")
    case JPEGSegment.Marker.startOfImage:
      throw segment.error("a second picture starts inside the first")
    case JPEGSegment.Marker.frames:
      guard self.frame == nil else { throw segment.error("a second frame header") }
      let frame = try JPEGFrame(segment, in: bytes)
      planes = frame.components.map { JPEGPlane($0, isProgressive: frame.isProgressive) }
      self.frame = frame
    default: break  // Comments, and what applications add.
    }
  }

  private mutating func readScan(_ segment: JPEGSegment) throws(FormatError) -> Int {
    guard let frame else { throw segment.error("a scan before the frame header") }
    scanCount += 1
    guard scanCount <= JPEG.scanCountMax else {
      throw segment.error("more than \(JPEG.scanCountMax) scans")
    }
    let scan = try JPEGScan(segment, in: bytes, frame: frame, tables: huffman)
    for part in scan.parts {
      let table = quantization.tables[frame.components[part.component].quantization]
      try planes[part.component].begin(scan, segment, quantization: table)
    }
    var reader = JPEGScanReader(bytes, frame, scan, restartInterval: restartInterval)
    return try reader.read(at: segment.body.upperBound, into: &planes)
  }

  /// The picture, when the end marker is there.
  private mutating func picture(_ end: JPEGSegment) throws(FormatError) -> Image {
    guard let frame, planes.allSatisfy(\.isScanned) else {
      throw end.error("the file ends before there is something of every component")
    }
    for (index, component) in frame.components.enumerated() {
      planes[index].transform(component)
    }
    let (width, height, channels) = (frame.width, frame.height, frame.components.count)
    let orientation = orientation ?? .normal
    let places = orientation.places(width: width, height: height)
    let colour = JPEGColour(frame, hasJFIF: hasJFIF, adobeTransform: adobeTransform)
    var rows = frame.components.map { JPEGUpsampling($0, in: frame) }
    var pixels = [UInt8](repeating: 0, count: width * height * channels)
    for y in 0..<height {
      for index in rows.indices { rows[index].makeRow(y, from: planes[index].samples) }
      let start = places.start + y * places.stepY
      if channels == 1 {
        for x in 0..<width { pixels[start + x * places.stepX] = rows[0].row[x] }
      } else {
        colour.write(
          rows[0].row,
          rows[1].row,
          rows[2].row,
          width: width,
          to: &pixels,
          at: start * 3,
          step: places.stepX * 3
        )
      }
    }
    return try Image(
      width: orientation.swapsSides ? height : width,
      height: orientation.swapsSides ? width : height,
      channels: channels,
      pixels: pixels
    )
  }
}

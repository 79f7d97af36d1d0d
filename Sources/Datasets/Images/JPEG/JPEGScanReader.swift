import Storage

/// Decodes the coded data of one scan into the planes of its components (T.81, A.2 and Annexes F and G).
struct JPEGScanReader {
  let bytes: [UInt8]
  let frame: JPEGFrame
  let scan: JPEGScan
  /// Units between two restart markers; 0 for none.
  let restartInterval: Int

  private var blocks: JPEGBlockReader
  /// Where the marker stands that ends the present data.
  private var end = 0

  init(_ bytes: [UInt8], _ frame: JPEGFrame, _ scan: JPEGScan, restartInterval: Int) {
    self.bytes = bytes
    self.frame = frame
    self.scan = scan
    self.restartInterval = restartInterval
    blocks = JPEGBlockReader(band: scan.band, lowBit: scan.lowBit)
  }

  /// Reads the coded data at `offset`; answers where the next marker stands.
  ///
  /// - Throws: `FormatError` that names the unit where the data are damaged or end.
  mutating func read(
    at offset: Int,
    into planes: inout [JPEGPlane]
  ) throws(FormatError) -> Int {
    end = blocks.begin(bytes, at: offset)
    let single = scan.parts.count == 1 ? frame.components[scan.parts[0].component] : nil
    let columnCount = single?.ownColumnCount ?? frame.unitColumnCount
    let rowCount = single?.ownRowCount ?? frame.unitRowCount
    var untilRestart = restartInterval
    var nextRestart = JPEGSegment.Marker.restarts.lowerBound
    for row in 0..<rowCount {
      for column in 0..<columnCount {
        if restartInterval > 0 {
          if untilRestart == 0 {
            try restart(nextRestart, row, column)
            nextRestart = nextRestart == 0xD7 ? 0xD0 : nextRestart + 1
            untilRestart = restartInterval
          }
          untilRestart -= 1
        }
        do throws(JPEGDamage) {
          for (slot, part) in scan.parts.enumerated() {
            let component = frame.components[part.component]
            if single != nil {
              try decode(slot, part, component, row, column, &planes[part.component])
              continue
            }
            for y in 0..<component.vertical {
              for x in 0..<component.horizontal {
                try decode(
                  slot,
                  part,
                  component,
                  row * component.vertical + y,
                  column * component.horizontal + x,
                  &planes[part.component]
                )
              }
            }
          }
        } catch {
          throw damage(blocks.isOverrun ? .cutShort : error, row, column)
        }
      }
      // Behind their end the data read as zeros: the rest of a row at most.
      guard !blocks.isOverrun else { throw damage(.cutShort, row, columnCount - 1) }
    }
    return end
  }

  @inline(__always)
  private mutating func decode(
    _ slot: Int,
    _ part: JPEGScan.Part,
    _ component: JPEGFrame.Component,
    _ row: Int,
    _ column: Int,
    _ plane: inout JPEGPlane
  ) throws(JPEGDamage) {
    guard scan.kind == .sequential else {
      let start = (row * component.columnCount + column) * 64
      try blocks.progressive(scan.kind, slot, part, &plane.coefficients, start)
      return
    }
    guard let dc = part.dc, let ac = part.ac, let steps = plane.quantization else { return }
    try blocks.sequential(
      slot,
      dc,
      ac,
      steps,
      to: &plane.samples,
      at: row * 8 * component.stride + column * 8,
      stride: component.stride
    )
  }

  /// Goes over a restart marker: predictions and runs begin anew behind it.
  private mutating func restart(
    _ marker: UInt8,
    _ row: Int,
    _ column: Int
  ) throws(FormatError) {
    guard !blocks.isOverrun else { throw damage(.cutShort, row, column) }
    let segment = try JPEGSegment(bytes, at: end)
    guard segment.marker == marker else {
      throw segment.error(
        "expected restart marker \(marker - 0xD0), got the marker \(segment.marker)"
      )
    }
    end = blocks.begin(bytes, at: segment.body.upperBound)
  }

  private func damage(_ damage: JPEGDamage, _ row: Int, _ column: Int) -> FormatError {
    FormatError(
      "jpeg",
      at: end,
      "scan data before this byte, unit \(column) of row \(row): \(damage.detail)"
    )
  }
}

import Storage

/// What has been decoded of one component.
struct JPEGPlane {
  /// Samples row by row, padded to whole units; of progressive files only when all scans are read.
  var samples: [UInt8] = []
  /// Coefficients block by block, each row by row; only of progressive files.
  var coefficients: [Int16] = []
  /// The steps of the coefficients, as they were when the first scan of the component came.
  private(set) var quantization: [Int32]?
  /// For each coefficient in the order of the file the lowest bit that is there; `nil` before its first scan.
  private var lowBits = [Int?](repeating: nil, count: 64)

  init(_ component: JPEGFrame.Component, isProgressive: Bool) {
    if isProgressive {
      coefficients = [Int16](repeating: 0, count: component.sampleCount)
    } else {
      samples = [UInt8](repeating: 0, count: component.sampleCount)
    }
  }

  /// True when there is something of every block.
  var isScanned: Bool { lowBits[0] != nil }

  /// Notes that a scan of this component comes.
  ///
  /// Each bit of each coefficient comes once, from the highest down: so nobody can make us read a picture again and again.
  ///
  /// - Throws: `FormatError` for a scan that is out of order, or without a quantisation table.
  mutating func begin(
    _ scan: JPEGScan,
    _ segment: JPEGSegment,
    quantization table: [Int32]?
  ) throws(FormatError) {
    if quantization == nil { quantization = table }
    guard quantization != nil else {
      throw segment.error("the scan uses a quantisation table that is missing")
    }
    guard scan.band.lowerBound == 0 || isScanned else {
      throw segment.error("coefficients 1 to 63 come before coefficient 0")
    }
    for index in scan.band {
      let expected: Int? =
        switch scan.kind {
        case .sequential, .firstDC, .firstAC: nil
        case .correctionDC, .correctionAC: scan.lowBit + 1
        }
      guard lowBits[index] == expected else {
        throw segment.error("the scan repeats or skips bits of coefficient \(index)")
      }
      lowBits[index] = scan.lowBit
    }
  }

  /// Makes samples from the coefficients, which are let go.
  mutating func transform(_ component: JPEGFrame.Component) {
    guard let quantization, !coefficients.isEmpty else { return }
    samples = [UInt8](repeating: 0, count: component.sampleCount)
    var block = JPEGBlock()
    for index in 0..<component.columnCount * component.rowCount {
      let isFlat = block.load(coefficients, index * 64)
      let (row, column) = index.quotientAndRemainder(dividingBy: component.columnCount)
      block.transform(
        quantization,
        isFlat: isFlat,
        to: &samples,
        at: row * 8 * component.stride + column * 8,
        stride: component.stride
      )
    }
    coefficients = []
  }
}

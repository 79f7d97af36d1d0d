/// Decodes blocks of coefficients from coded data, one after the other.
struct JPEGBlockReader {
  let band: ClosedRange<Int>
  let lowBit: Int

  private var reader = JPEGBitReader()
  /// The last DC coefficient of each component of the scan.
  private var predictions: InlineArray<4, Int32> = .init(repeating: 0)
  /// Blocks whose band has nothing more (T.81, G.1.2.2).
  private var endOfBandRun = 0
  private var block = JPEGBlock()

  init(band: ClosedRange<Int>, lowBit: Int) {
    self.band = band
    self.lowBit = lowBit
  }

  var isOverrun: Bool { reader.isOverrun }

  /// Starts with the coded data at `offset`; answers where the marker stands that ends them.
  mutating func begin(_ bytes: [UInt8], at offset: Int) -> Int {
    predictions = .init(repeating: 0)
    endOfBandRun = 0
    return reader.load(bytes, from: offset)
  }

  /// A whole block of a sequential file, as samples (T.81, F.2.2).
  mutating func sequential(
    _ slot: Int,
    _ dc: JPEGHuffmanTable,
    _ ac: JPEGHuffmanTable,
    _ steps: [Int32],
    to samples: inout [UInt8],
    at offset: Int,
    stride: Int
  ) throws(JPEGDamage) {
    block.coefficients = .init(repeating: 0)
    block.coefficients[0] = Int16(truncatingIfNeeded: try nextDC(slot, dc))
    let zigzag = JPEGQuantization.zigzag
    var index = 0
    var last = 0
    while index < 63 {
      reader.fill()
      let symbol = try reader.symbol(ac)
      let size = symbol & 15
      if size == 0 {
        // A run of 16 zeros, or the end of the block.
        guard symbol == 0xF0 else { break }
        index += 16
        continue
      }
      index += symbol >> 4 + 1
      guard index < 64 else { throw .tooManyCoefficients }
      block.coefficients[Int(zigzag[index])] = Int16(
        truncatingIfNeeded: reader.takeSigned(size)
      )
      last = index
    }
    block.transform(steps, isFlat: last == 0, to: &samples, at: offset, stride: stride)
  }

  /// What a progressive scan adds to the block of coefficients at `start` (T.81, G.1.2).
  mutating func progressive(
    _ kind: JPEGScan.Kind,
    _ slot: Int,
    _ part: JPEGScan.Part,
    _ coefficients: inout [Int16],
    _ start: Int
  ) throws(JPEGDamage) {
    switch kind {
    case .firstDC:
      guard let dc = part.dc else { return }
      let value = try nextDC(slot, dc)
      coefficients[start] = Int16(truncatingIfNeeded: value &<< Int32(lowBit))
    case .correctionDC:
      reader.fill()
      if reader.take(1) == 1 { coefficients[start] |= 1 << Int16(lowBit) }
    case .firstAC:
      guard let ac = part.ac else { return }
      try firstAC(ac, &coefficients, start)
    case .correctionAC:
      guard let ac = part.ac else { return }
      try correctAC(ac, &coefficients, start)
    case .sequential: return
    }
  }

  /// The next DC coefficient: its difference from the one before is coded.
  @inline(__always)
  private mutating func nextDC(
    _ slot: Int,
    _ table: JPEGHuffmanTable
  ) throws(JPEGDamage) -> Int32 {
    reader.fill()
    let size = try reader.symbol(table)
    if size > 0 { predictions[slot] = predictions[slot] &+ reader.takeSigned(size) }
    return predictions[slot]
  }

  /// The first scan of a band.
  private mutating func firstAC(
    _ table: JPEGHuffmanTable,
    _ coefficients: inout [Int16],
    _ start: Int
  ) throws(JPEGDamage) {
    if endOfBandRun > 0 {
      endOfBandRun -= 1
      return
    }
    let zigzag = JPEGQuantization.zigzag
    var index = band.lowerBound
    while index <= band.upperBound {
      reader.fill()
      let symbol = try reader.symbol(table)
      let (run, size) = (symbol >> 4, symbol & 15)
      if size == 0 {
        guard run == 15 else {
          endOfBandRun = takeRun(run) - 1
          return
        }
        index += 16
        continue
      }
      index += run
      guard index <= band.upperBound else { throw .tooManyCoefficients }
      coefficients[start + Int(zigzag[index])] = Int16(
        truncatingIfNeeded: reader.takeSigned(size) &<< Int32(lowBit)
      )
      index += 1
    }
  }

  /// Blocks that an end-of-band code stands for: 2^size and a number of that many bits.
  private mutating func takeRun(_ size: Int) -> Int {
    1 << size + (size > 0 ? Int(reader.take(size)) : 0)
  }

  /// A later scan of a band: one bit more for the coefficients that are not 0, and new ones of that bit.
  private mutating func correctAC(
    _ table: JPEGHuffmanTable,
    _ coefficients: inout [Int16],
    _ start: Int
  ) throws(JPEGDamage) {
    let zigzag = JPEGQuantization.zigzag
    var index = band.lowerBound
    if endOfBandRun == 0 {
      while index <= band.upperBound {
        reader.fill()
        let symbol = try reader.symbol(table)
        var zerosLeft = symbol >> 4
        var value: Int16 = 0
        switch symbol & 15 {
        case 0:
          if zerosLeft < 15 { endOfBandRun = takeRun(zerosLeft) }
        case 1:
          value = reader.take(1) == 1 ? 1 << Int16(lowBit) : -1 << Int16(lowBit)
        default: throw .wrongCoefficient
        }
        if endOfBandRun > 0 { break }
        // Over `zerosLeft` coefficients that are 0 and stay so, and all others in between.
        while index <= band.upperBound {
          let place = start + Int(zigzag[index])
          if coefficients[place] != 0 {
            correct(&coefficients[place])
          } else if zerosLeft > 0 {
            zerosLeft -= 1
          } else {
            coefficients[place] = value
            break
          }
          index += 1
        }
        guard index <= band.upperBound || value == 0 else { throw .tooManyCoefficients }
        index += 1
      }
    }
    guard endOfBandRun > 0 else { return }
    while index <= band.upperBound {
      let place = start + Int(zigzag[index])
      if coefficients[place] != 0 { correct(&coefficients[place]) }
      index += 1
    }
    endOfBandRun -= 1
  }

  /// Adds the next bit to the size of a coefficient.
  @inline(__always)
  private mutating func correct(_ coefficient: inout Int16) {
    reader.fill()
    guard reader.take(1) == 1 else { return }
    let bit: Int16 = 1 << Int16(lowBit)
    coefficient = coefficient > 0 ? coefficient &+ bit : coefficient &- bit
  }
}

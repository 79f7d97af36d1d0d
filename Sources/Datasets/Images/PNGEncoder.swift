package import Storage
import Tensors

extension PNG {
  /// Encodes a picture at 8 bits a sample, not interlaced.
  ///
  /// Equal pictures give equal files.
  ///
  /// - Throws: `FormatError` where the picture data cannot be compressed.
  package static func encode(_ image: Image) throws(FormatError) -> [UInt8] {
    let colours: [Int: PNGHeader.Colour] = [1: .grey, 2: .greyAlpha, 3: .rgb, 4: .rgbAlpha]
    guard let colour = colours[image.channels] else {
      throw FormatError("png", "\(image.channels) channels")
    }
    var header: [UInt8] = []
    append32(&header, image.width)
    append32(&header, image.height)
    header += [8, UInt8(colour.rawValue), 0, 0, 0]

    var rows: [UInt8] = []
    rows.reserveCapacity((image.width * image.channels + 1) * image.height)
    for y in 0..<image.height { rows += filteredRow(image, y) }

    var file = signature
    appendChunk(&file, "IHDR", header)
    appendChunk(&file, "IDAT", try Deflate.deflate(rows, .zlib))
    appendChunk(&file, "IEND", [])
    return file
  }

  /// The row under the filter that leaves the smallest differences, a good guess at what compresses best.
  private static func filteredRow(_ image: Image, _ y: Int) -> [UInt8] {
    let count = image.width * image.channels
    let start = y * count
    let step = image.channels
    let pixels = image.pixels
    var best: [UInt8] = []
    var bestSum = Int.max
    for filter in PNGFilter.allCases {
      var row = [filter.rawValue]
      row.reserveCapacity(count + 1)
      var sum = 0
      for index in 0..<count {
        let left = index >= step ? pixels[start + index - step] : 0
        let above = y > 0 ? pixels[start + index - count] : 0
        let corner = y > 0 && index >= step ? pixels[start + index - count - step] : 0
        let difference =
          pixels[start + index]
          &- filter.prediction(left: left, above: above, aboveLeft: corner)
        sum += abs(Int(Int8(bitPattern: difference)))
        row.append(difference)
      }
      if sum < bestSum { (best, bestSum) = (row, sum) }
    }
    return best
  }

  private static func appendChunk(_ file: inout [UInt8], _ type: String, _ body: [UInt8]) {
    append32(&file, body.count)
    let start = file.count
    file += Array(type.utf8) + body
    append32(&file, Int(Deflate.crc32(file[start...])))
  }

  private static func append32(_ bytes: inout [UInt8], _ value: Int) {
    bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}

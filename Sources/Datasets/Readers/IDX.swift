package import Storage
package import Tensors

/// The format of MNIST's files: a big-endian header, then unsigned bytes.
///
/// Header: two zero bytes, the element type (0x08: unsigned byte), the rank, and one 32-bit size for each dimension.
package enum IDX {
  /// Bytes that one file may hold after inflation.
  package static let byteCountMax = 1 << 31

  /// Reads a file, raw or gzip-compressed, as a `uint8` tensor.
  ///
  /// - Throws: `FormatError` for another magic number or element type, or where sizes and data disagree.
  package static func read(_ file: [UInt8]) throws(FormatError) -> Tensor {
    let isCompressed = file.starts(with: [0x1F, 0x8B])
    let bytes =
      isCompressed ? try Deflate.inflate(file[...], .gzip, byteCountMax: byteCountMax) : file
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0 else {
      throw FormatError(
        "idx",
        at: 0,
        "the file does not start with two zero bytes, a type and a rank"
      )
    }
    guard bytes[2] == 8 else {
      throw FormatError("idx", at: 2, "element type \(bytes[2]); 8 (unsigned byte) is read")
    }
    let rank = Int(bytes[3])
    guard (1...Shape.rankMax).contains(rank), bytes.count >= 4 + 4 * rank else {
      throw FormatError("idx", at: 3, "rank \(rank) in a file of \(bytes.count) bytes")
    }
    let sizes = (0..<rank).map { axis in
      bytes[4 + 4 * axis..<8 + 4 * axis].reduce(0) { $0 << 8 | Int($1) }
    }
    let shape: Shape
    do {
      shape = try Shape(validating: sizes)
    } catch { throw FormatError("idx", at: 4, "\(error)") }
    let body = bytes.dropFirst(4 + 4 * rank)
    guard body.count == shape.elementCount else {
      throw FormatError(
        "idx",
        at: 4 + 4 * rank,
        "sizes \(shape) take \(shape.elementCount) bytes, \(body.count) follow the header"
      )
    }
    return Tensor(dtype: .uint8, shape) { target in
      body.withUnsafeBytes { target.copyMemory(from: $0) }
    }
  }

  /// The raw file of a `uint8` tensor.
  ///
  /// - Throws: `FormatError` for another element type, a scalar, or a size that takes more than 32 bits.
  package static func write(_ tensor: Tensor) throws(FormatError) -> [UInt8] {
    guard tensor.dtype == .uint8, tensor.shape.rank >= 1,
      tensor.shape.dimensions.allSatisfy({ $0 <= Int(UInt32.max) })
    else {
      throw FormatError("idx", "\(tensor.dtype)\(tensor.shape) is no array of unsigned bytes")
    }
    var bytes: [UInt8] = [0, 0, 8, UInt8(tensor.shape.rank)]
    for size in tensor.shape.dimensions {
      bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) }
    }
    tensor.withBytes { bytes.append(contentsOf: $0) }
    return bytes
  }
}

package import Storage

/// NumPy's array file: a header written as a Python dictionary, then the elements (NEP 1).
///
/// Reads versions 1 to 3, both orders of axes, little-endian elements; writes version 1 in C order.
package enum NPY {
  /// Bytes that a header may have; NumPy pads to 64 and real headers take under 300.
  package static let headerByteCountMax = 1 << 16

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads one array.
  ///
  /// - Throws: `FormatError` for anything but a whole, well-formed file of a known element type.
  package static func read(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> Tensor {
    let header = try NPYHeader(bytes)
    let shape: Shape
    do {
      shape = try Shape(validating: header.shape)
    } catch { throw FormatError("npy", "\(error)") }
    let body = bytes.dropFirst(header.byteCount)
    // `elementCountMax` bounds the product far below overflow.
    let expected = shape.elementCount * header.dtype.byteCount
    guard body.count == expected else {
      throw FormatError(
        "npy",
        at: header.byteCount,
        "\(header.dtype)\(shape) takes \(expected) bytes, \(body.count) follow the header"
      )
    }
    if header.dtype == .bool, let bad = body.firstIndex(where: { $0 > 1 }) {
      throw FormatError(
        "npy",
        at: bad - bytes.startIndex,
        "a bool is 0 or 1, found \(body[bad])"
      )
    }
    guard header.isFortranOrder, shape.rank > 1 else {
      return Tensor(dtype: header.dtype, shape) { target in
        body.withUnsafeBytes { target.copyMemory(from: $0) }
      }
    }
    return rowMajor(body, header.dtype, shape)
  }

  /// Copies elements whose first axis runs fastest.
  private static func rowMajor(
    _ body: ArraySlice<UInt8>,
    _ dtype: DType,
    _ shape: Shape
  ) -> Tensor {
    var strides: [Int] = []
    var stride = dtype.byteCount
    for size in shape.dimensions {
      strides.append(stride)
      stride *= max(size, 1)
    }
    let width = dtype.byteCount
    return Tensor(dtype: dtype, shape) { target in
      body.withUnsafeBytes { source in
        var index = [Int](repeating: 0, count: shape.rank)
        var offset = 0
        for position in 0..<shape.elementCount {
          for byte in 0..<width { target[position * width + byte] = source[offset + byte] }
          var axis = shape.rank - 1
          while axis >= 0 {
            index[axis] += 1
            offset += strides[axis]
            if index[axis] < shape[axis] { break }
            offset -= strides[axis] * shape[axis]
            index[axis] = 0
            axis -= 1
          }
        }
      }
    }
  }

  /// The file that holds `tensor`, version 1.0, header padded so that the elements start at a multiple of 64 bytes.
  ///
  /// - Throws: `FormatError` for bfloat16, which NumPy has no name for.
  package static func write(_ tensor: Tensor) throws(FormatError) -> [UInt8] {
    guard let descriptor = tensor.dtype.npyDescriptor else {
      throw FormatError("npy", "there is no npy type for \(tensor.dtype); cast it to float32")
    }
    let sizes = tensor.shape.dimensions.map(String.init).joined(separator: ", ")
    let tuple = tensor.shape.rank == 1 ? "(\(sizes),)" : "(\(sizes))"
    var text = Array("{'descr': '\(descriptor)', 'fortran_order': False, 'shape': \(tuple), }".utf8)
    let unpadded = magic.count + 4 + text.count + 1
    text += [UInt8](repeating: 0x20, count: (64 - unpadded % 64) % 64) + [0x0A]
    var bytes = magic + [1, 0, UInt8(text.count & 0xFF), UInt8(text.count >> 8)] + text
    bytes.reserveCapacity(bytes.count + tensor.byteCount)
    tensor.withBytes { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Splits off magic, version and header length.
  ///
  /// - Returns: the header text and the number of bytes before the elements.
  fileprivate static func headerText(
    _ bytes: ArraySlice<UInt8>
  ) throws(FormatError) -> (text: ArraySlice<UInt8>, byteCount: Int) {
    guard bytes.starts(with: magic) else {
      throw FormatError("npy", at: 0, "the file does not start with \\x93NUMPY")
    }
    let prefix = Array(bytes.prefix(12))
    guard prefix.count >= 10 else {
      throw FormatError("npy", at: bytes.count, "the file ends in its header")
    }
    let lengthByteCount: Int
    switch (prefix[6], prefix[7]) {
    case (1, 0): lengthByteCount = 2
    case (2, 0), (3, 0): lengthByteCount = 4
    default:
      throw FormatError(
        "npy",
        at: 6,
        "version \(prefix[6]).\(prefix[7]); 1.0, 2.0 and 3.0 are read"
      )
    }
    guard prefix.count >= 8 + lengthByteCount else {
      throw FormatError("npy", at: bytes.count, "the file ends in its header")
    }
    var length = 0
    for index in (0..<lengthByteCount).reversed() { length = length << 8 | Int(prefix[8 + index]) }
    guard length <= headerByteCountMax else {
      throw FormatError("npy", at: 8, "header of \(length) bytes; at most \(headerByteCountMax)")
    }
    let start = 8 + lengthByteCount
    guard bytes.count >= start + length else {
      throw FormatError(
        "npy",
        at: bytes.count,
        "the header takes \(length) bytes, the file ends before"
      )
    }
    return (bytes.dropFirst(start).prefix(length), start + length)
  }
}

extension NPYHeader {
  fileprivate init(_ bytes: ArraySlice<UInt8>) throws(FormatError) {
    let (text, byteCount) = try NPY.headerText(bytes)
    try self.init(text: text, byteCount: byteCount)
  }
}

extension DType {
  /// NumPy's `descr` for the type, `nil` where it has none.
  package var npyDescriptor: String? {
    switch self {
    case .float32: "<f4"
    case .float64: "<f8"
    case .float16: "<f2"
    case .bfloat16: nil
    case .int8: "|i1"
    case .int16: "<i2"
    case .int32: "<i4"
    case .int64: "<i8"
    case .uint8: "|u1"
    case .uint16: "<u2"
    case .uint32: "<u4"
    case .uint64: "<u8"
    case .bool: "|b1"
    }
  }
}

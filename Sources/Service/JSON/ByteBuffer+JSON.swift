internal import CKernels
package import HTTP
package import Tensors

// JSON text is written straight into a response.
extension ByteBuffer {
  /// Writes a string in quotes, escaped.
  package mutating func append(jsonString text: String) {
    append(0x22)
    append(jsonEscaped: text)
    append(0x22)
  }

  /// Writes the shortest decimal that reads back as `value`; whole numbers keep a `.0`.
  ///
  /// NaN and infinities are bare tokens, as TensorFlow Serving writes them.
  package mutating func append(jsonNumber value: Float) {
    withUnsafeBytes(of: value) { append(jsonFloats: $0, count: 1) }
  }

  /// Numbers written at a time: this bounds the room that is reserved for them.
  private static let floatsPerRun = 64

  /// Writes float32 numbers with commas between them.
  private mutating func append(jsonFloats bytes: UnsafeRawBufferPointer, count: Int) {
    guard let base = bytes.baseAddress else { return }
    var written = 0
    while written < count {
      if written > 0 { append(0x2C) }
      let run = min(count - written, Self.floatsPerRun)
      let target = reserve(run * Int(CK_JSON_FLOAT_ROOM))
      commit(Int(ck_json_floats(base + written * 4, Int64(run), target)))
      written += run
    }
  }

  /// Writes the shortest decimal that reads back as `value`.
  package mutating func append(jsonNumber value: Double) {
    if value.isFinite { append(value.description) } else { append(nonFinite: value) }
  }

  private mutating func append(nonFinite value: Double) {
    if value.isNaN {
      append("NaN" as StaticString)
    } else {
      append(value < 0 ? "-Infinity" : "Infinity" as StaticString)
    }
  }

  /// Writes a tensor as nested arrays, a scalar as a bare value.
  ///
  /// - Parameters:
  ///   - bytes: The elements, row-major.
  ///   - dtype: Their type.
  ///   - dimensions: The shape; its product is the number of elements.
  package mutating func append(
    jsonTensor bytes: UnsafeRawBufferPointer,
    _ dtype: DType,
    _ dimensions: ArraySlice<Int>
  ) {
    guard let size = dimensions.first else {
      append(jsonElement: bytes, dtype)
      return
    }
    let rest = dimensions.dropFirst()
    guard !rest.isEmpty else {
      append(jsonVector: bytes, dtype, count: size)
      return
    }
    append(0x5B)
    let stride = rest.reduce(dtype.byteCount, *)
    for index in 0..<size {
      if index > 0 { append(0x2C) }
      let start = index * stride
      append(
        jsonTensor: UnsafeRawBufferPointer(rebasing: bytes[start..<(start + stride)]),
        dtype,
        rest
      )
    }
    append(0x5D)
  }

  /// Writes the `count` elements of a tensor of one dimension as an array.
  package mutating func append(
    jsonVector bytes: UnsafeRawBufferPointer,
    _ dtype: DType,
    count: Int
  ) {
    append(0x5B)
    if dtype == .float32 {
      append(jsonFloats: bytes, count: count)
    } else {
      for index in 0..<count {
        if index > 0 { append(0x2C) }
        let start = index * dtype.byteCount
        append(
          jsonElement: UnsafeRawBufferPointer(rebasing: bytes[start..<(start + dtype.byteCount)]),
          dtype
        )
      }
    }
    append(0x5D)
  }

  private mutating func append(jsonElement bytes: UnsafeRawBufferPointer, _ dtype: DType) {
    switch dtype {
    case .float32: append(jsonNumber: bytes.loadUnaligned(as: Float.self))
    case .float64: append(jsonNumber: bytes.loadUnaligned(as: Double.self))
    case .float16: append(jsonNumber: Float(bytes.loadUnaligned(as: Float16.self)))
    case .bfloat16: append(jsonNumber: bytes.loadUnaligned(as: BFloat16.self).float)
    case .int8: append(decimal: Int(bytes.loadUnaligned(as: Int8.self)))
    case .int16: append(decimal: Int(bytes.loadUnaligned(as: Int16.self)))
    case .int32: append(decimal: Int(bytes.loadUnaligned(as: Int32.self)))
    case .int64: append(decimal: Int(bytes.loadUnaligned(as: Int64.self)))
    case .uint8: append(decimal: Int(bytes.loadUnaligned(as: UInt8.self)))
    case .uint16: append(decimal: Int(bytes.loadUnaligned(as: UInt16.self)))
    case .uint32: append(decimal: Int(bytes.loadUnaligned(as: UInt32.self)))
    case .uint64: append(bytes.loadUnaligned(as: UInt64.self).description)
    case .bool: append(bytes[0] != 0 ? "true" : "false" as StaticString)
    }
  }
}

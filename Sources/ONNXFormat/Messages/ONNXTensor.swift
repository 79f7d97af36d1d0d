import GraphIR
package import Storage
package import Tensors

/// A `TensorProto`: names and sizes as read, the elements still in the file's bytes until `tensor()`.
package struct ONNXTensor {
  package private(set) var name = ""
  /// The number of `TensorProto.DataType`.
  package private(set) var typeCode = 0
  private var dimensions: [UInt64] = []
  private var rawData: Range<Int>?
  /// Packed `float_data` and `double_data`.
  private var fixedData: [UInt8] = []
  private var fixedWidth = 0
  /// `int32_data`, `int64_data` and `uint64_data`, as their 64-bit patterns.
  private var varintData: [UInt64] = []
  private var varintField = 0
  private var isExternal = false
  private var isSegmented = false
  private let bytes: [UInt8]
  private let offset: Int

  /// The tensor of a file that holds one `TensorProto` and nothing else, as the conformance suite's `input_0.pb`.
  package static func read(_ bytes: [UInt8]) throws -> Tensor {
    try ONNXTensor(ProtobufReader(bytes), offset: 0).tensor()
  }

  package init(_ reader: ProtobufReader, offset: Int) throws(FormatError) {
    var reader = reader
    bytes = reader.bytes
    self.offset = offset
    while let field = try reader.next() {
      switch field.number {
      case 1: try reader.appendVarints(field, to: &dimensions)
      case 2: typeCode = try reader.int(field)
      case 3: isSegmented = true
      case 4: try appendFixed(reader, field, width: 4)
      case 5, 7, 11:
        guard varintField == 0 || varintField == field.number else {
          throw reader.error(field.offset, "tensor \(name) has its elements in two fields")
        }
        varintField = field.number
        try reader.appendVarints(field, to: &varintData)
      case 8: name = try reader.string(field)
      case 9: rawData = try reader.range(field)
      case 10: try appendFixed(reader, field, width: 8)
      case 13: isExternal = true
      case 14: isExternal = try reader.int(field) == 1 || isExternal
      default: break
      }
    }
  }

  private mutating func appendFixed(
    _ reader: ProtobufReader,
    _ field: ProtobufReader.Field,
    width: Int
  ) throws(FormatError) {
    guard fixedWidth == 0 || fixedWidth == width else {
      throw reader.error(field.offset, "tensor \(name) has its elements in two fields")
    }
    fixedWidth = width
    try reader.appendFixed(field, width: width, to: &fixedData)
  }

  /// The element type.
  ///
  /// - Throws: `ONNXUnsupported` for string, complex, 8- and 4-bit floats and 4-bit integers.
  package func dtype() throws -> DType {
    guard let dtype = DType(onnxCode: typeCode) else {
      throw ONNXUnsupported("tensor \(name) has \(ONNXTypeName.describe(typeCode))")
    }
    return dtype
  }

  /// The product of the sizes as far as it is sure to fit; only for telling scalars from the rest.
  var elementCountHint: UInt64 {
    dimensions.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
  }

  /// The whole tensor.
  ///
  /// - Throws: `FormatError` where sizes and data disagree, `ONNXUnsupported` for a type that we do not have or data in
  ///   another file.
  package func tensor() throws -> Tensor {
    let dtype = try dtype()
    guard !isExternal else {
      throw ONNXUnsupported(
        "tensor \(name) keeps its data in another file; save the model with the weights inside"
      )
    }
    guard !isSegmented else { throw ONNXUnsupported("tensor \(name) is a segment of a larger one") }
    let shape: Shape
    do {
      shape = try Shape(validating: dimensions.map { Int(truncatingIfNeeded: $0) })
    } catch { throw self.error("\(error)") }
    let sources = (rawData == nil ? 0 : 1) + (fixedWidth == 0 ? 0 : 1) + (varintField == 0 ? 0 : 1)
    guard sources <= 1 else { throw error("the elements stand in more than one field") }
    if let rawData { return try Self.make(dtype, shape, bytes[rawData], self) }
    if fixedWidth != 0 {
      guard dtype == (fixedWidth == 4 ? .float32 : .float64) else {
        throw error("\(dtype) elements in \(fixedWidth == 4 ? "float_data" : "double_data")")
      }
      return try Self.make(dtype, shape, fixedData[...], self)
    }
    return try fromVarints(dtype, shape)
  }

  private static func make(
    _ dtype: DType,
    _ shape: Shape,
    _ data: ArraySlice<UInt8>,
    _ owner: ONNXTensor
  ) throws -> Tensor {
    let expected = shape.elementCount * dtype.byteCount
    guard data.count == expected else {
      throw owner.error("\(dtype)\(shape) takes \(expected) bytes, the file has \(data.count)")
    }
    if dtype == .bool, let bad = data.first(where: { $0 > 1 }) {
      throw owner.error("a bool is 0 or 1, found \(bad)")
    }
    return Tensor(dtype: dtype, shape) { target in
      data.withUnsafeBytes { target.copyMemory(from: $0) }
    }
  }

  private func fromVarints(_ dtype: DType, _ shape: Shape) throws -> Tensor {
    guard varintData.count == shape.elementCount else {
      throw error(
        "\(dtype)\(shape) has \(shape.elementCount) elements, the file \(varintData.count)"
      )
    }
    let field =
      switch dtype {
      case .float32, .float64: 0
      case .int64: 7
      case .uint32, .uint64: 11
      default: 5
      }
    guard varintField == 0 || varintField == field else {
      throw error("\(dtype) elements do not belong in field \(varintField)")
    }
    switch dtype {
    // Only without elements: their field was absent.
    case .float32, .float64: return Tensor(zeros: dtype, shape)
    case .int8: return try integers(shape, as: Int8.self)
    case .int16: return try integers(shape, as: Int16.self)
    case .int32: return try integers(shape, as: Int32.self)
    case .int64: return try integers(shape, as: Int64.self)
    case .uint8: return try integers(shape, as: UInt8.self)
    case .uint16: return try integers(shape, as: UInt16.self)
    case .uint32: return try integers(shape, as: UInt32.self)
    case .uint64: return Tensor(varintData, shape)
    case .float16:
      return Tensor(try narrowed(UInt16.self).map(Float16.init(bitPattern:)), shape)
    case .bfloat16:
      return Tensor(try narrowed(UInt16.self).map(BFloat16.init(bitPattern:)), shape)
    case .bool: return Tensor(try narrowed(UInt8.self, max: 1).map { $0 != 0 }, shape)
    }
  }

  private func integers<Element: FixedWidthInteger & TensorElement>(
    _ shape: Shape,
    as type: Element.Type
  ) throws -> Tensor {
    Tensor(try narrowed(type), shape)
  }

  private func narrowed<Element: FixedWidthInteger>(
    _ type: Element.Type,
    max: Element = .max
  ) throws -> [Element] {
    try varintData.map { pattern in
      let value = Int64(bitPattern: pattern)
      guard let element = Element(exactly: value), element <= max else {
        throw error("element \(value) does not fit \(type)")
      }
      return element
    }
  }

  private func error(_ detail: String) -> FormatError {
    FormatError("onnx", at: offset, "tensor \(name): \(detail)")
  }
}

extension ONNXTensor {
  /// The `TensorProto` of a tensor, elements in `raw_data`.
  package static func write(_ tensor: Tensor, name: String) -> ProtobufWriter {
    var message = ProtobufWriter()
    if tensor.shape.rank > 0 { message.packedInts(1, tensor.shape.dimensions) }
    message.int(2, tensor.dtype.onnxCode)
    if !name.isEmpty { message.string(8, name) }
    tensor.withBytes { message.data(9, $0) }
    return message
  }
}

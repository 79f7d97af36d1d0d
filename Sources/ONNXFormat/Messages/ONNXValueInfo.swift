import GraphIR
import Storage
import Tensors

/// A `ValueInfoProto`: the name and type of a graph's input or output.
struct ONNXValueInfo {
  var name = ""
  /// `nil` where the file gives no type.
  var typeCode: Int?
  /// `nil` where the file gives no shape.
  var dimensions: [Dimension]?
  /// Set for a sequence, map, optional or sparse tensor.
  var otherKind: String?

  /// A value whose type others know.
  init(name: String) { self.name = name }

  init(_ reader: ProtobufReader) throws(FormatError) {
    var reader = reader
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try reader.string(field)
      case 2: try readType(reader.message(field))
      default: break
      }
    }
  }

  private mutating func readType(_ reader: ProtobufReader) throws(FormatError) {
    var reader = reader
    while let field = try reader.next() {
      switch field.number {
      case 1: try readTensorType(reader.message(field))
      case 4: otherKind = "a sequence"
      case 5: otherKind = "a map"
      case 7: otherKind = "an opaque value"
      case 8: otherKind = "a sparse tensor"
      case 9: otherKind = "an optional value"
      default: break
      }
    }
  }

  private mutating func readTensorType(_ reader: ProtobufReader) throws(FormatError) {
    var reader = reader
    while let field = try reader.next() {
      switch field.number {
      case 1: typeCode = try reader.int(field)
      case 2: dimensions = try Self.readShape(reader.message(field))
      default: break
      }
    }
  }

  private static func readShape(_ reader: ProtobufReader) throws(FormatError) -> [Dimension] {
    var reader = reader
    var result: [Dimension] = []
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      guard result.count < Shape.rankMax else {
        throw reader.error(field.offset, "more than \(Shape.rankMax) dimensions")
      }
      result.append(try readDimension(reader.message(field), field.offset))
    }
    return result
  }

  private static func readDimension(
    _ reader: ProtobufReader,
    _ offset: Int
  ) throws(FormatError) -> Dimension {
    var reader = reader
    var result = Dimension.unknown
    while let field = try reader.next() {
      switch field.number {
      case 1:
        let size = try reader.int(field)
        // Some exporters write -1 for a size that they do not know.
        guard size >= -1, size <= Shape.elementCountMax else {
          throw reader.error(offset, "dimension \(size)")
        }
        result = size < 0 ? .unknown : .known(size)
      case 2:
        let symbol = try reader.string(field)
        result = symbol.isEmpty ? .unknown : .symbol(symbol)
      default: break
      }
    }
    return result
  }

  /// The `ValueInfoProto` of a graph's value.
  static func write(_ name: String, _ type: ValueType) -> ProtobufWriter {
    var tensorType = ProtobufWriter()
    tensorType.int(1, type.dtype.onnxCode)
    if let dimensions = type.shape.dimensions {
      var shape = ProtobufWriter()
      for dimension in dimensions {
        var message = ProtobufWriter()
        switch dimension {
        case .known(let size): message.int(1, size)
        case .symbol(let symbol): message.string(2, symbol)
        case .unknown: break
        }
        shape.message(1, message)
      }
      tensorType.message(2, shape)
    }
    var typeMessage = ProtobufWriter()
    typeMessage.message(1, tensorType)
    var info = ProtobufWriter()
    info.string(1, name)
    info.message(2, typeMessage)
    return info
  }
}

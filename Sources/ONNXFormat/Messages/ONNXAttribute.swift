import GraphIR
import Storage

/// An `AttributeProto` as read.
struct ONNXAttribute {
  /// Values by ONNX's attribute types.
  enum Value {
    case plain(Attribute)
    case tensor(ONNXTensor)
    /// A body, whose nodes are in the file's form.
    case graph(ONNXGraph)
    /// A type that this reader does not have; the text names it.
    case unsupported(String)
  }

  var name = ""
  let value: Value

  init(_ reader: ProtobufReader, offset: Int) throws {
    var reader = reader
    var fields = Fields()
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try reader.string(field)
      case 2: fields.float = try reader.float(field)
      case 3: fields.int = try reader.int(field)
      case 4: fields.string = try reader.range(field)
      case 5: fields.tensor = try ONNXTensor(reader.message(field), offset: field.offset)
      case 6:
        // A body inside a body: `ProtobufReader` bounds the depth.
        fields.graph = try ONNXGraph(reader.message(field))
        fields.found = 5
      case 7: try reader.appendFixed(field, width: 4, to: &fields.floats)
      case 8: try reader.appendVarints(field, to: &fields.ints)
      case 9: fields.strings.append(try reader.range(field))
      case 10: fields.found = 9
      case 11: fields.found = 10
      case 14, 15: fields.found = 13
      case 20: fields.type = try reader.int(field)
      case 21: fields.isReference = true
      case 22, 23: fields.found = 11
      default: break
      }
    }
    value = try fields.value(reader, name: name, offset: offset)
  }

  private struct Fields {
    var float: Float = 0
    var int = 0
    var string: Range<Int>?
    var tensor: ONNXTensor?
    var graph: ONNXGraph?
    var floats: [UInt8] = []
    var ints: [UInt64] = []
    var strings: [Range<Int>] = []
    var type = 0
    /// The type that a field without a place here stands for.
    var found: Int?
    var isReference = false

    /// `type` decides: fields with the default value are absent from the file.
    func value(
      _ reader: ProtobufReader,
      name: String,
      offset: Int
    ) throws(FormatError) -> Value {
      if isReference { return .unsupported("it refers to a function's attribute") }
      switch found ?? type {
      case 1: return .plain(.float(float))
      case 2: return .plain(.int(int))
      case 3: return .plain(.string(try text(reader, string ?? 0..<0, name, offset)))
      case 4:
        guard let tensor else {
          throw reader.error(offset, "attribute \(name) is of type tensor and holds none")
        }
        return .tensor(tensor)
      case 6:
        return .plain(
          .floats(
            floats.withUnsafeBytes { buffer in
              (0..<buffer.count / 4).map {
                Float(
                  bitPattern: UInt32(
                    littleEndian: buffer.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)
                  )
                )
              }
            }
          )
        )
      case 7: return .plain(.ints(ints.map { Int(truncatingIfNeeded: $0) }))
      case 8:
        var texts: [String] = []
        for range in strings { texts.append(try text(reader, range, name, offset)) }
        return .plain(.strings(texts))
      case 5:
        guard let graph else {
          throw reader.error(offset, "attribute \(name) is of type graph and holds none")
        }
        return .graph(graph)
      case 10: return .unsupported("it holds a list of graphs")
      case 9: return .unsupported("it holds a list of tensors")
      case 11, 12: return .unsupported("it holds a sparse tensor")
      case 13, 14: return .unsupported("it holds a type")
      default: throw reader.error(offset, "attribute \(name) has type \(type)")
      }
    }

    private func text(
      _ reader: ProtobufReader,
      _ range: Range<Int>,
      _ name: String,
      _ offset: Int
    ) throws(FormatError) -> String {
      guard let text = String(validating: reader.bytes[range], as: UTF8.self) else {
        throw reader.error(offset, "attribute \(name) is not UTF-8")
      }
      return text
    }
  }

  /// The `AttributeProto` of an attribute.
  static func write(_ name: String, _ attribute: Attribute) -> ProtobufWriter {
    var message = ProtobufWriter()
    message.string(1, name)
    switch attribute {
    case .float(let value):
      message.float(2, value)
      message.int(20, 1)
    case .int(let value):
      message.int(3, value)
      message.int(20, 2)
    case .string(let value):
      message.string(4, value)
      message.int(20, 3)
    case .tensor(let value):
      message.message(5, ONNXTensor.write(value, name: ""))
      message.int(20, 4)
    case .floats(let values):
      message.packedFloats(7, values)
      message.int(20, 6)
    case .ints(let values):
      message.packedInts(8, values)
      message.int(20, 7)
    case .strings(let values):
      for value in values { message.string(9, value) }
      message.int(20, 8)
    case .graph:
      // `ONNXWriter` writes bodies itself: it knows the names around them.
      message.int(20, 5)
    }
    return message
  }

  /// The `AttributeProto` of a body.
  static func write(_ name: String, body: ProtobufWriter) -> ProtobufWriter {
    var message = ProtobufWriter()
    message.string(1, name)
    message.message(6, body)
    message.int(20, 5)
    return message
  }
}

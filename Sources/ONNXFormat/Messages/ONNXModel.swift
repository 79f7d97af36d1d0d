import GraphIR
import Storage

/// A `ModelProto` as read, before its nodes become a graph.
package struct ONNXModel {
  package private(set) var irVersion = 0
  package private(set) var producer = ""
  package private(set) var documentation = ""
  /// Version by operator domain; ONNX's own domain is `""`.
  package private(set) var opsets: [String: Int] = [:]
  private(set) var functions: [String] = []
  private(set) var graph = ONNXGraph()

  /// The operators that the graph uses, sorted, each once.
  package var operators: [String] { Set(graph.nodes.map(\.op)).sorted() }

  /// Reads the file's structure; tensors stay undecoded.
  ///
  /// - Throws: `FormatError` for bytes that are no such message, `GraphError` for attributes that are not supported.
  package init(_ bytes: [UInt8]) throws {
    guard bytes.count <= ONNXLimits.fileByteCountMax else {
      throw FormatError(
        "onnx",
        "\(bytes.count) bytes; a model has at most \(ONNXLimits.fileByteCountMax)"
      )
    }
    var reader = ProtobufReader(bytes)
    var graphField: ProtobufReader.Field?
    while let field = try reader.next() {
      switch field.number {
      case 1: irVersion = try reader.int(field)
      case 2: producer = try reader.string(field)
      case 6: documentation = try reader.string(field)
      case 7:
        guard graphField == nil else { throw reader.error(field.offset, "a second graph") }
        graphField = field
      case 8: try readOpset(reader.message(field), field.offset)
      case 25: functions.append(try Self.functionName(reader.message(field)))
      default: break
      }
    }
    guard let graphField else { throw FormatError("onnx", "the file holds no graph") }
    graph = try ONNXGraph(reader.message(graphField))
  }

  private mutating func readOpset(_ reader: ProtobufReader, _ offset: Int) throws(FormatError) {
    var reader = reader
    var domain = ""
    var version = 0
    while let field = try reader.next() {
      switch field.number {
      case 1: domain = try reader.string(field)
      case 2: version = try reader.int(field)
      default: break
      }
    }
    if domain == "ai.onnx" { domain = "" }
    guard opsets[domain] == nil else {
      throw reader.error(offset, "opset of domain '\(domain)' is given twice")
    }
    opsets[domain] = version
  }

  private static func functionName(_ reader: ProtobufReader) throws(FormatError) -> String {
    var reader = reader
    var name = ""
    while let field = try reader.next() {
      if field.number == 1 { name = try reader.string(field) }
    }
    return name
  }
}

/// A `GraphProto` as read.
struct ONNXGraph {
  var name = ""
  var documentation = ""
  var nodes: [ONNXNode] = []
  var initializers: [ONNXTensor] = []
  var sparseInitializerCount = 0
  var inputs: [ONNXValueInfo] = []
  var outputs: [ONNXValueInfo] = []
  /// What the nodes and outputs read and the graph does not define, each once: of a body the values captured from outside.
  private(set) var captures: [String] = []

  init() {}

  init(_ reader: ProtobufReader) throws {
    var reader = reader
    while let field = try reader.next() {
      switch field.number {
      case 1:
        guard nodes.count < ONNXLimits.nodeCountMax else {
          throw reader.error(field.offset, "more than \(ONNXLimits.nodeCountMax) nodes")
        }
        nodes.append(try ONNXNode(reader.message(field), offset: field.offset))
      case 2: name = try reader.string(field)
      case 5: initializers.append(try ONNXTensor(reader.message(field), offset: field.offset))
      case 10: documentation = try reader.string(field)
      case 11: inputs.append(try ONNXValueInfo(reader.message(field)))
      case 12: outputs.append(try ONNXValueInfo(reader.message(field)))
      case 15: sparseInitializerCount += 1
      default: break
      }
    }
    findCaptures()
  }

  /// Finds `captures` once inputs, initialisers, nodes and outputs are there.
  mutating func findCaptures() {
    var known = Set(inputs.map(\.name) + initializers.map(\.name))
    for node in nodes { known.formUnion(node.outputs) }
    known.insert("")
    captures = (nodes.flatMap(\.reads) + outputs.map(\.name)).filter {
      known.insert($0).inserted
    }
  }
}

/// Bounds on what a model file may hold.
package enum ONNXLimits {
  /// Bytes of one file; protobuf itself ends at 2 GiB.
  package static let fileByteCountMax = (1 << 31) - 1
  /// Nodes of one graph.
  package static let nodeCountMax = 1 << 18
  /// The oldest opset that is read; 7 brought today's broadcasting.
  package static let opsetMin = 7
  /// The opset that is written, unless an operator came later.
  package static let opsetWritten = 21
  /// The version of the file format that is written.
  package static let irVersionWritten = 9
  /// Elements from which float32 weights are stored as float16 where that loses nothing.
  package static let halfElementCountMin = 1024
}

import GraphIR
import Storage

/// A `NodeProto` as read; upgrades change it until it has the form of opset 21.
struct ONNXNode {
  var name = ""
  var op = ""
  var domain = ""
  var inputs: [String] = []
  var outputs: [String] = []
  var attributes: [String: Attribute] = [:]
  /// The bodies of Scan, Loop and If by attribute.
  var bodies: [String: ONNXGraph] = [:]
  let offset: Int

  /// The names that the node needs: its inputs and what its bodies read from outside.
  var reads: [String] { inputs + bodies.sorted { $0.key < $1.key }.flatMap(\.value.captures) }

  init(_ reader: ProtobufReader, offset: Int) throws {
    self.offset = offset
    var reader = reader
    var fields: [ONNXAttribute] = []
    while let field = try reader.next() {
      switch field.number {
      case 1: inputs.append(try reader.string(field))
      case 2: outputs.append(try reader.string(field))
      case 3: name = try reader.string(field)
      case 4: op = try reader.string(field)
      case 5: fields.append(try ONNXAttribute(reader.message(field), offset: field.offset))
      case 7: domain = try reader.string(field)
      default: break
      }
    }
    if domain == "ai.onnx" { domain = "" }
    // Exporters may leave the name out; outputs are always named and unique.
    if name.isEmpty { name = outputs.first { !$0.isEmpty } ?? op }
    for field in fields { try add(field) }
  }

  /// A node that an upgrade adds beside `origin`.
  init(
    _ op: String,
    _ inputs: [String],
    _ outputs: [String],
    _ attributes: [String: Attribute] = [:],
    beside origin: ONNXNode
  ) {
    name = outputs.first ?? origin.name
    self.op = op
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
    offset = origin.offset
  }

  private mutating func add(_ field: ONNXAttribute) throws {
    guard attributes[field.name] == nil, bodies[field.name] == nil else {
      throw FormatError("onnx", at: offset, "node \(name) has attribute \(field.name) twice")
    }
    switch field.value {
    case .plain(let value): attributes[field.name] = value
    case .graph(let body): bodies[field.name] = body
    case .unsupported(let reason):
      throw unsupported("attribute \(field.name): \(reason)")
    case .tensor(let tensor):
      do {
        attributes[field.name] = .tensor(try tensor.tensor())
      } catch let error as ONNXUnsupported {
        throw unsupported("attribute \(field.name): \(error.detail)")
      }
    }
  }

  /// The operator for messages, with its domain where that is not ONNX's own.
  var operatorName: OperatorName {
    if domain == "martlet" { return .martlet(op) }
    return OperatorName(domain.isEmpty ? op : "\(domain).\(op)")
  }

  func unsupported(_ detail: String) -> GraphError {
    .unsupported(node: name, op: operatorName, detail: detail)
  }

  func invalid(_ detail: String) -> GraphError {
    .operands(node: name, op: operatorName, detail: detail)
  }
}

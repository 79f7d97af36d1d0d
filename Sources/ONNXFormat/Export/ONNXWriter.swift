package import GraphIR
import Storage
import Tensors

/// Writes a graph as a `model.onnx` that other programs open.
///
/// Large float32 weights whose numbers float16 has too are stored as float16, in half the bytes, with a Cast that readers fold away.
package enum ONNXWriter {
  /// Operators that came after opset 21, with the opset that brought them: only a graph that has one declares more than 21.
  private static let laterOperators: [String: Int] = [
    "Attention": 23, "RMSNormalization": 23, "RotaryEmbedding": 23, "Swish": 24,
    "TensorScatter": 24,
    "CumProd": 26, "BitCast": 26,
  ]

  /// The bytes of a `ModelProto`: the nodes that `graph.outputs` need, constants and variables as initialisers.
  ///
  /// - Throws: `GraphError` for a graph without outputs or with an operator outside ONNX's own domain that the outputs need;
  ///   `FormatError` where the file would exceed 2 GiB.
  package static func bytes(of graph: Graph, documentation: String = "") throws -> [UInt8] {
    guard !graph.outputs.isEmpty else {
      throw GraphError.invalid("graph \(graph.name) has no outputs to write")
    }
    guard Set(graph.outputs).count == graph.outputs.count else {
      throw GraphError.invalid("graph \(graph.name) lists an output twice")
    }
    let opset = opset(of: graph)
    let names = graph.values.map(\.name)
    let scope = Scope(names: names, taken: Set(names))
    let body = try message(graph, scope, documentation)

    var opsetMessage = ProtobufWriter()
    opsetMessage.string(1, "")
    opsetMessage.int(2, opset)
    var model = ProtobufWriter()
    model.int(1, ONNXLimits.irVersionWritten)
    model.string(2, "martlet")
    model.message(8, opsetMessage)
    model.message(7, body)
    guard model.bytes.count <= ONNXLimits.fileByteCountMax else {
      throw FormatError(
        "onnx",
        "the model takes \(model.bytes.count) bytes; protobuf ends at 2 GiB"
      )
    }
    return model.bytes
  }

  /// The opset that the graph's operators ask for, those of bodies among them.
  private static func opset(of graph: Graph) -> Int {
    let needed = graph.nodesNeeded(for: graph.outputs)
    var opset = ONNXLimits.opsetWritten
    for (index, node) in graph.nodes.enumerated() where needed.contains(NodeID(index)) {
      opset = max(opset, laterOperators[node.op.name] ?? 0)
      for (_, body) in node.bodies { opset = max(opset, self.opset(of: body)) }
    }
    return opset
  }

  /// The names of a graph's values in the file: in a body none may be one that is visible there already.
  private struct Scope {
    var names: [String]
    var taken: Set<String>

    subscript(value: ValueID) -> String { names[value.index] }

    mutating func freshName(_ stem: String) -> String {
      var name = stem
      var counter = 1
      while !taken.insert(name).inserted {
        counter += 1
        name = "\(stem)_\(counter)"
      }
      return name
    }

    /// The scope of a body, whose last placeholders are `captures` of this one.
    func inner(_ body: Graph, captures: [ValueID?]) -> Scope {
      var inner = Scope(names: [], taken: taken)
      var captured: [ValueID: String] = [:]
      for (id, outer) in zip(body.inputs.suffix(captures.count), captures) {
        if let outer { captured[id] = self[outer] }
      }
      for (index, value) in body.values.enumerated() {
        inner.names.append(captured[ValueID(index)] ?? inner.freshName(value.name))
      }
      return inner
    }
  }

  private static func message(
    _ graph: Graph,
    _ scope: Scope,
    _ documentation: String
  ) throws(GraphError) -> ProtobufWriter {
    var (result, scope) = (ProtobufWriter(), scope)
    let needed = graph.nodesNeeded(for: graph.outputs)
    // In front of the nodes that read them.
    let halves = write(halvesOf: graph, graph.valuesRead(by: needed), &scope, to: &result)
    for (index, node) in graph.nodes.enumerated() where needed.contains(NodeID(index)) {
      result.message(1, try write(node, scope))
    }
    let read = write(valuesOf: graph, needed, scope, to: &result, halves: halves)
    if !documentation.isEmpty { result.string(10, documentation) }
    // Inputs that the outputs do not need, as the labels of a loss, are not part of the model.
    for input in graph.inputs where read.contains(input) {
      result.message(11, ONNXValueInfo.write(scope[input], graph[input].type))
    }
    for output in graph.outputs {
      result.message(12, ONNXValueInfo.write(scope[output], graph[output].type))
    }
    return result
  }

  /// A body: all its formal inputs in their places, captured values by their outer names, and outputs that nodes of its own make.
  private static func message(
    body: Graph,
    _ outer: Scope,
    captures: [ValueID?]
  ) throws(GraphError) -> ProtobufWriter {
    var scope = outer.inner(body, captures: captures)
    var result = ProtobufWriter()
    let needed = body.nodesNeeded(for: body.outputs)
    for (index, node) in body.nodes.enumerated() where needed.contains(NodeID(index)) {
      result.message(1, try write(node, scope))
    }
    var outputNames: [String] = []
    for output in body.outputs {
      var name = scope[output]
      let isMadeHere = if case .output = body[output].source { true } else { false }
      // Readers want each output of a body from a node of its own.
      if !isMadeHere || outputNames.contains(name) {
        let copy = scope.freshName("\(name)_out")
        var identity = ProtobufWriter()
        identity.string(1, name)
        identity.string(2, copy)
        identity.string(3, copy)
        identity.string(4, "Identity")
        result.message(1, identity)
        name = copy
      }
      outputNames.append(name)
    }
    _ = write(valuesOf: body, needed, scope, to: &result)
    for input in body.inputs.dropLast(captures.count) {
      result.message(11, ONNXValueInfo.write(scope[input], body[input].type))
    }
    for (name, output) in zip(outputNames, body.outputs) {
      result.message(12, ONNXValueInfo.write(name, body[output].type))
    }
    return result
  }

  /// Writes a Cast for each large constant or variable that float16 holds exactly; gives those that remain to be written.
  private static func write(
    halvesOf graph: Graph,
    _ read: Set<ValueID>,
    _ scope: inout Scope,
    to result: inout ProtobufWriter
  ) -> [ValueID: (name: String, tensor: Tensor)] {
    var halves: [ValueID: (name: String, tensor: Tensor)] = [:]
    for (index, value) in graph.values.enumerated() where read.contains(ValueID(index)) {
      switch value.source {
      case .constant(let tensor), .variable(let tensor, _):
        guard tensor.shape.elementCount >= ONNXLimits.halfElementCountMin,
          let half = tensor.exactHalves()
        else { continue }
        let name = scope.freshName("\(value.name)_half")
        var cast = ProtobufWriter()
        cast.string(1, name)
        cast.string(2, scope[ValueID(index)])
        cast.string(3, "\(name)/Cast")
        cast.string(4, "Cast")
        cast.message(5, ONNXAttribute.write("to", .int(DType.float32.onnxCode)))
        result.message(1, cast)
        halves[ValueID(index)] = (name, half)
      case .placeholder, .output: break
      }
    }
    return halves
  }

  /// Writes the graph's name and the constants and variables that `needed` and the outputs read; gives all values that they read.
  private static func write(
    valuesOf graph: Graph,
    _ needed: Set<NodeID>,
    _ scope: Scope,
    to result: inout ProtobufWriter,
    halves: [ValueID: (name: String, tensor: Tensor)] = [:]
  ) -> Set<ValueID> {
    var read = Set(graph.outputs)
    for (index, node) in graph.nodes.enumerated() where needed.contains(NodeID(index)) {
      read.formUnion(node.inputs.compactMap { $0 })
    }
    result.string(2, graph.name)
    for (index, value) in graph.values.enumerated() where read.contains(ValueID(index)) {
      switch value.source {
      case .constant(let tensor), .variable(let tensor, _):
        let half = halves[ValueID(index)]
        let name = half?.name ?? scope[ValueID(index)]
        result.message(5, ONNXTensor.write(half?.tensor ?? tensor, name: name))
      case .placeholder, .output: break
      }
    }
    return read
  }

  private static func write(_ node: Node, _ scope: Scope) throws(GraphError) -> ProtobufWriter {
    guard node.op.domain == .onnx else {
      throw .unsupported(
        node: node.name,
        op: node.op,
        detail:
          "an .onnx file holds only ai.onnx operators; write the graph before training was added"
      )
    }
    let bodies = node.bodies
    let formal = bodies.isEmpty ? node.inputs.count : try node.formalInputCount()
    var message = ProtobufWriter()
    for input in node.inputs[..<formal] { message.string(1, input.map { scope[$0] } ?? "") }
    // `reserve`, which the gradient of a recurrent cell asks for, is ours alone.
    let outputs = node.outputs.prefix(RecurrentCell(node.op)?.outputCount ?? .max)
    for output in outputs { message.string(2, output.map { scope[$0] } ?? "") }
    message.string(3, node.name)
    message.string(4, node.op.name)
    // Sorted, so that equal graphs give equal files.
    for (name, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
      if name == Node.capturesAttribute { continue }
      if case .graph(let body) = attribute {
        let inner = try self.message(body: body, scope, captures: Array(node.inputs[formal...]))
        message.message(5, ONNXAttribute.write(name, body: inner))
      } else {
        message.message(5, ONNXAttribute.write(name, attribute))
      }
    }
    return message
  }
}

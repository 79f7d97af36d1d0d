package import GraphIR
import Storage

/// Writes a graph as a `model.onnx` that other programs open.
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
    let needed = graph.nodesNeeded(for: graph.outputs)
    var opset = ONNXLimits.opsetWritten
    for (index, node) in graph.nodes.enumerated() where needed.contains(NodeID(index)) {
      opset = max(opset, laterOperators[node.op.name] ?? 0)
    }
    let body = try message(graph, needed, documentation)

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

  private static func message(
    _ graph: Graph,
    _ needed: Set<NodeID>,
    _ documentation: String
  ) throws(GraphError) -> ProtobufWriter {
    guard !graph.outputs.isEmpty else {
      throw .invalid("graph \(graph.name) has no outputs to write")
    }
    guard Set(graph.outputs).count == graph.outputs.count else {
      throw .invalid("graph \(graph.name) lists an output twice")
    }
    var result = ProtobufWriter()
    var read = Set(graph.outputs)
    for (index, node) in graph.nodes.enumerated() where needed.contains(NodeID(index)) {
      guard node.op.domain == .onnx else {
        throw .unsupported(
          node: node.name,
          op: node.op,
          detail:
            "an .onnx file holds only ai.onnx operators; write the graph before training was added"
        )
      }
      result.message(1, write(node, in: graph))
      read.formUnion(node.inputs.compactMap { $0 })
    }
    result.string(2, graph.name)
    for (index, value) in graph.values.enumerated() where read.contains(ValueID(index)) {
      switch value.source {
      case .constant(let tensor), .variable(let tensor, _):
        result.message(5, ONNXTensor.write(tensor, name: value.name))
      case .placeholder, .output: break
      }
    }
    if !documentation.isEmpty { result.string(10, documentation) }
    // Inputs that the outputs do not need, as the labels of a loss, are not part of the model.
    for input in graph.inputs where read.contains(input) {
      result.message(11, ONNXValueInfo.write(graph[input].name, graph[input].type))
    }
    for output in graph.outputs {
      result.message(12, ONNXValueInfo.write(graph[output].name, graph[output].type))
    }
    return result
  }

  private static func write(_ node: Node, in graph: Graph) -> ProtobufWriter {
    var message = ProtobufWriter()
    for input in node.inputs { message.string(1, input.map { graph[$0].name } ?? "") }
    // `reserve`, which the gradient of a recurrent cell asks for, is ours alone.
    let outputs = node.outputs.prefix(RecurrentCell(node.op)?.outputCount ?? .max)
    for output in outputs { message.string(2, output.map { graph[$0].name } ?? "") }
    message.string(3, node.name)
    message.string(4, node.op.name)
    // Sorted, so that equal graphs give equal files.
    for (name, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
      message.message(5, ONNXAttribute.write(name, attribute))
    }
    return message
  }
}

import GraphIR
import ONNXFormat
import Tensors

/// Writes small `.onnx` files by hand, also wrong ones.
struct ModelBuilder {
  var opset = 21
  var graph = ProtobufWriter()

  mutating func node(
    _ op: String,
    _ inputs: [String],
    _ outputs: [String],
    name: String = "",
    domain: String = "",
    attributes: [ProtobufWriter] = []
  ) {
    var node = ProtobufWriter()
    for input in inputs { node.string(1, input) }
    for output in outputs { node.string(2, output) }
    if !name.isEmpty { node.string(3, name) }
    node.string(4, op)
    for attribute in attributes { node.message(5, attribute) }
    if !domain.isEmpty { node.string(7, domain) }
    graph.message(1, node)
  }

  mutating func initializer(_ name: String, _ tensor: Tensor) {
    graph.message(5, ONNXTensor.write(tensor, name: name))
  }

  mutating func input(_ name: String, dtype: Int = 1, sizes: [Int]? = [2]) {
    graph.message(11, Self.info(name, dtype, sizes))
  }

  mutating func output(_ name: String, dtype: Int = 1, sizes: [Int]? = nil) {
    graph.message(12, Self.info(name, dtype, sizes))
  }

  static func info(_ name: String, _ dtype: Int, _ sizes: [Int]?) -> ProtobufWriter {
    var tensorType = ProtobufWriter()
    tensorType.int(1, dtype)
    if let sizes {
      var shape = ProtobufWriter()
      for size in sizes {
        var dimension = ProtobufWriter()
        dimension.int(1, size)
        shape.message(1, dimension)
      }
      tensorType.message(2, shape)
    }
    var type = ProtobufWriter()
    type.message(1, tensorType)
    var info = ProtobufWriter()
    info.string(1, name)
    info.message(2, type)
    return info
  }

  static func attribute(
    _ name: String,
    type: Int,
    _ fill: (inout ProtobufWriter) -> Void = { _ in }
  ) -> ProtobufWriter {
    var attribute = ProtobufWriter()
    attribute.string(1, name)
    attribute.int(20, type)
    fill(&attribute)
    return attribute
  }

  var bytes: [UInt8] {
    var opsetMessage = ProtobufWriter()
    opsetMessage.int(2, opset)
    var model = ProtobufWriter()
    model.int(1, 8)
    model.message(8, opsetMessage)
    model.message(7, graph)
    return model.bytes
  }
}

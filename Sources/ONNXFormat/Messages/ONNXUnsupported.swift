/// Something that ONNX allows and this reader does not, found where the node that needs it is not known yet.
///
/// `ONNXReader` turns it into `GraphError.unsupported`, which names the node.
package struct ONNXUnsupported: Error, CustomStringConvertible {
  package let detail: String

  package init(_ detail: String) { self.detail = detail }

  package var description: String { "not supported: \(detail)" }
}

/// Names for the element types of `TensorProto.DataType` that have no `DType`.
enum ONNXTypeName {
  static func describe(_ code: Int) -> String {
    let names = [
      0: "undefined", 8: "string", 14: "complex64", 15: "complex128", 17: "float8e4m3fn",
      18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4",
      23: "float4e2m1", 24: "float8e8m0", 25: "uint2", 26: "int2",
    ]
    return "element type \(names[code] ?? "number \(code)")"
  }
}

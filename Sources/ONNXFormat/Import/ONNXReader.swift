package import GraphIR

/// Turns a `model.onnx` into a graph in the form of opset 21.
///
/// Reads opset 7 and later. What a file of another opset writes differently is rewritten by `Upgrades/`.
package enum ONNXReader {
  /// What initialisers become.
  package enum InitializerRole: Sendable {
    /// Constants: for serving.
    case constants
    /// Weights become trainable variables, running statistics variables that are not trained, the rest constants:
    /// for fine-tuning. `WeightFinder` tells which are weights.
    case trainableVariables
  }

  /// Reads a model.
  ///
  /// - Throws: `FormatError` for bytes that are no ONNX model, `GraphError` for a graph that is wrong or needs what we do not have
  ///   (`unsupported` and `unknownOperator` name operator and node).
  package static func graph(
    from bytes: [UInt8],
    initializersAs role: InitializerRole = .constants
  ) throws -> Graph {
    try graph(from: ONNXModel(bytes), initializersAs: role)
  }

  /// Builds the graph of a model whose structure was read.
  package static func graph(
    from model: ONNXModel,
    initializersAs role: InitializerRole = .constants
  ) throws -> Graph {
    var context = try ImportContext(model, role)
    try context.addNodes(of: model.graph)
    try context.finish(model.graph.outputs)
    return context.graph
  }
}

import Datasets
package import Engine
import GraphIR
import HTTP
import ONNXFormat
import Storage
import Tensors

/// Loads model folders and single .onnx files into engine sessions and replays their golden examples.
package struct CheckpointLoader: ModelLoader {
  /// Threads that one run of a model may use.
  package var threads: Int
  /// How many sequences step together, and the like.
  package var decoding: DecodingLimits

  package init(threads: Int = 1, decoding: DecodingLimits = DecodingLimits()) {
    self.threads = threads
    self.decoding = decoding
  }

  package func load(_ path: String) throws -> LoadedModel {
    guard !path.hasSuffix(".onnx") else {
      let bytes = try FileAccess.read(path, byteCountMax: ONNXLimits.fileByteCountMax)
      return LoadedModel(try model(try ONNXReader.graph(from: bytes), manifest: nil))
    }
    let folder = try ModelFolder.open(path)
    let manifest = folder.manifest
    if let task = manifest.sequenceTask { return try sequenceModel(folder, task) }
    let graph = try folder.graph()
    let weights = SharedWeights()
    let model = try model(graph, manifest: manifest, weights)
    // A session of its own: what so many rows need at once goes with it.
    if let golden = try folder.golden() {
      try GoldenCheck.run(
        golden,
        on: SessionModel(try session(graph, weights), signature: model.signature)
      )
    }
    return LoadedModel(
      model,
      task: manifest.task,
      images: images(manifest, model.signature),
      qValues: manifest.isQValueModel
        ? try QValueFormat(manifest, model.signature, stateCount: graph.stateCount) : nil
    )
  }

  /// How the model takes images, where model.json says so and the shapes agree.
  func images(_ manifest: ModelManifest, _ signature: ModelSignature) -> ImageInput? {
    guard let preprocessing = manifest.preprocessing?.image else { return nil }
    let size = preprocessing.channels * preprocessing.height * preprocessing.width
    let index = signature.inputs.firstIndex { field in
      guard field.dtype == .float32, let sizes = field.sizes else { return false }
      return sizes.dropFirst().reduce(1) { $0 * ($1 ?? 0) } == size
    }
    guard let index else { return nil }
    return ImageInput(input: index) { bytes in
      try preprocessing.tensor(from: ImageDecoder.decode([UInt8](bytes))).elements(of: Float.self)
    }
  }

  private func model(
    _ graph: Graph,
    manifest: ModelManifest?,
    _ weights: SharedWeights = SharedWeights()
  ) throws -> SessionModel {
    SessionModel(try session(graph, weights), signature: try signature(of: graph, manifest))
  }

  func session(_ graph: Graph, _ weights: SharedWeights) throws -> Session {
    try Session(graph, options: SessionOptions(threads: threads), weights: weights)
  }

  /// The graph's signature with what the manifest says about it.
  func signature(of graph: Graph, _ manifest: ModelManifest?) throws -> ModelSignature {
    let inputs = graph.inputs.map { graph.field($0) }
    let outputs = graph.outputs.map { graph.field($0) }
    guard !inputs.isEmpty, !outputs.isEmpty else {
      throw ServiceError.invalid("the graph has no inputs or no outputs")
    }
    // Nothing below has to fear that a product of sizes overflows.
    for field in inputs + outputs { _ = try Shape(validating: (field.sizes ?? []).map { $0 ?? 1 }) }
    guard let manifest else { return ModelSignature(inputs: inputs, outputs: outputs) }
    let expected = manifest.signature.inputs.map(\.name) + manifest.signature.outputs.map(\.name)
    let names = (inputs + outputs).map(\.name)
    guard names == expected else {
      throw ServiceError.invalid(
        "model.json names inputs and outputs \(expected), the graph has \(names)"
      )
    }
    let roles = outputs.map { field -> ModelSignature.Role in
      if manifest.roles["probabilities"] == field.name { return .probabilities }
      return manifest.roles["logits"] == field.name ? .logits : .other
    }
    let signature = ModelSignature(
      inputs: inputs,
      outputs: outputs,
      roles: roles,
      // The labels of sequences are not those of rows, and actions are no classes.
      labels: manifest.sequenceTask == nil && !manifest.isQValueModel ? manifest.labels : nil,
      isMultiLabel: manifest.task == FineTuningSpecification.Objective.multiLabel.rawValue,
      isRegression: manifest.task == "regression"
    )
    try checkLabels(signature)
    return signature
  }

  private func checkLabels(_ signature: ModelSignature) throws(ServiceError) {
    guard let scored = signature.scoredOutput, let labels = signature.labels else { return }
    let output = signature.outputs[scored]
    guard let sizes = output.sizes, sizes.count == 2, sizes[1] == labels.count else {
      throw .invalid(
        "model.json has \(labels.count) labels, output '\(output.name)' has shape \(output.shapeText)"
      )
    }
  }
}

extension Graph {
  /// How many states a table has values for: the rows that the only input looks up; nil for other graphs.
  var stateCount: Int? {
    guard inputs.count == 1, let input = inputs.first else { return nil }
    for node in nodes where node.op == "Gather" && node.inputs.last == input {
      guard let table = node.inputs[0] else { continue }
      if case .int(let axis)? = node.attributes["axis"], axis != 0 { continue }
      return self[table].type.shape.dimensions?.first?.size
    }
    return nil
  }
}

import Datasets
import Engine
import GraphIR
import HTTP
import ONNXFormat
import Tensors

extension CheckpointLoader {
  /// Loads a version whose task is one of sequences.
  ///
  /// - Parameters:
  ///   - folder: Of the version.
  ///   - task: Of its manifest.
  /// - Returns: The model, ready to answer.
  /// - Throws: `FormatError` for damaged files, `ServiceError` or `DecodingError` for graphs that are not what model.json says.
  func sequenceModel(_ folder: ModelFolder, _ task: SequenceTask) throws -> LoadedModel {
    let manifest = folder.manifest
    guard let format = manifest.sequence else {
      throw ServiceError.invalid("model.json has no key sequence")
    }
    let graph = try folder.graph()
    let signature = try signature(of: graph, manifest)
    let weights = SharedWeights()
    if let golden = try folder.golden() {
      let session = try session(graph, weights)
      try GoldenCheck.run(golden, on: SessionModel(session, signature: signature))
    }
    let vocabularies = SequenceModel.Vocabularies(
      source: try folder.vocabulary(.source),
      target: try folder.vocabulary(.target)
    )
    let load = LoadReference()
    let model: SequenceModel
    if task.isDecoded {
      model = try decoded(folder, task, format, graph, weights, vocabularies, load)
    } else {
      let labeller = try TokenLabeller(try session(graph, weights), manifest, format, load: load)
      model = SequenceModel(
        manifest,
        task: task,
        format: format,
        vocabularies: vocabularies,
        runner: .labeller(labeller),
        source: nil,
        load: load
      )
    }
    return LoadedModel(sequences: model, signature: signature)
  }

  private func decoded(
    _ folder: ModelFolder,
    _ task: SequenceTask,
    _ format: ModelManifest.SequenceFormat,
    _ graph: Graph,
    _ weights: SharedWeights,
    _ vocabularies: SequenceModel.Vocabularies,
    _ load: LoadReference
  ) throws -> SequenceModel {
    let manifest = folder.manifest
    let encoderWeights = SharedWeights()
    var encoderGraph: Graph?
    var source: SourceInputs?
    var rowShapes: [String: [Int]] = [:]
    if task.hasEncoder {
      let graph = try folder.graph("encoder")
      let fields = ModelSignature(
        inputs: graph.inputs.map { graph.field($0) },
        outputs: graph.outputs.map { graph.field($0) }
      )
      let inputs = try SourceInputs(graph, format, images: images(manifest, fields))
      // One run says what it makes, and that it runs.
      let example = try SourceEncoder(session(graph, encoderWeights)).encode(inputs.example())
      for name in format.context where example[name] == nil {
        throw ServiceError.invalid("the encoder does not give context '\(name)'")
      }
      rowShapes = example.mapValues { Array($0.shape.dimensions.dropFirst()) }
      encoderGraph = graph
      source = inputs
    } else if let name = format.context.first {
      throw ServiceError.invalid("nothing gives context '\(name)': the model has no encoder")
    }
    let names = decoderFormat(manifest, format)
    let lanes = try (0..<max(1, decoding.lanes)).map { _ in
      let decoder = try Decoder(
        session(graph, weights),
        names,
        rowShapes: rowShapes,
        limits: decoding
      )
      if let target = vocabularies.target, target.count != decoder.outputSize {
        throw ServiceError.invalid(
          "the target vocabulary has \(target.count) tokens, the decoder \(decoder.outputSize)"
        )
      }
      let encoder = try encoderGraph.map { SourceEncoder(try session($0, encoderWeights)) }
      return DecodingLane(
        DecodingLoop(decoder, encoder: encoder, limits: decoding),
        limits: decoding,
        hooks: .init(stepBegins: { load.batchBegins() }, stepEnds: { load.batchEnds() })
      )
    }
    return SequenceModel(
      manifest,
      task: task,
      format: format,
      vocabularies: vocabularies,
      runner: .decoder(DecodingLanes(lanes)),
      source: source,
      load: load
    )
  }

  private func decoderFormat(
    _ manifest: ModelManifest,
    _ format: ModelManifest.SequenceFormat
  ) -> DecoderFormat {
    DecoderFormat(
      kind: format.values == nil ? .tokens : .values,
      input: format.values ?? format.tokens ?? "",
      output: manifest.roles[format.values == nil ? "logits" : "forecast"] ?? "",
      states: format.state.map { ($0.input, $0.output) },
      contexts: format.context
    )
  }
}

extension Graph {
  /// An input or output as a signature has it.
  func field(_ id: ValueID) -> ModelSignature.Field {
    .init(self[id].name, self[id].type.dtype, self[id].type.shape)
  }
}

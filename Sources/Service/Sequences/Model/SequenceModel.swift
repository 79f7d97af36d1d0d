import Datasets
import Engine
import HTTP
import ONNXFormat
import Tensors

/// A version of a sequence model as its folder describes it: turns instances into what the graphs read, and what they give into answers.
///
/// Models that generate run in a decode loop, those that label in batches of equal length. Either way an answer depends on its
/// instance and its parameters alone, not on what else runs.
final class SequenceModel: SequenceBackend {
  let task: SequenceTask
  let sourceLengthMax: Int
  let answerLengthMax: Int
  let vocabularies: Vocabularies
  private let format: ModelManifest.SequenceFormat
  private let runner: Runner
  private let source: SourceInputs?
  private let forecast: ForecastScale?
  private let load: LoadReference

  /// The model's vocabularies.
  struct Vocabularies {
    var source: Vocabulary?
    var target: Vocabulary?
  }

  /// What runs the graphs.
  enum Runner {
    case decoder(DecodingLanes)
    case labeller(TokenLabeller)
  }

  /// - Parameters:
  ///   - manifest: Validated.
  ///   - task: Of the manifest.
  ///   - format: Of the manifest.
  ///   - vocabularies: Those that the task needs.
  ///   - runner: Of the model's graphs.
  ///   - source: Makes the encoder's inputs, where there is an encoder.
  ///   - load: What the runner tells of its work.
  init(
    _ manifest: ModelManifest,
    task: SequenceTask,
    format: ModelManifest.SequenceFormat,
    vocabularies: Vocabularies,
    runner: Runner,
    source: SourceInputs?,
    load: LoadReference
  ) {
    self.task = task
    self.format = format
    self.vocabularies = vocabularies
    self.runner = runner
    self.source = source
    self.load = load
    forecast = manifest.forecast.map { ForecastScale(manifest, $0) }
    answerLengthMax = format.lengthMax
    sourceLengthMax =
      task.isDecoded
      ? format.sourceLengthMax ?? Self.promptLengthMax : format.lengthMax
  }

  /// Tokens of the longest prompt where model.json does not say.
  static let promptLengthMax = 4096

  func attach(_ load: ServingLoad) { self.load.attach(load) }

  // MARK: - Instances

  func encode(_ instance: SequenceInstance) throws -> EncodedSequence {
    switch (instance, task.source) {
    case (.text(let text), .text):
      guard let vocabulary = task.hasSourceText ? vocabularies.source : vocabularies.target else {
        throw ServiceError(.internalServerError, "the model has no vocabulary")
      }
      if format.labelsWords {
        let pieces = WordPieces(of: text, vocabulary)
        return EncodedSequence(.tokens(pieces.ids), words: pieces)
      }
      let encoded = vocabulary.encode(text)
      return EncodedSequence(
        .tokens(encoded.ids),
        unknown: encoded.unknown.map {
          UnknownToken($0.text, position: $0.position, offset: $0.offset)
        }
      )
    case (.numbers(let values, let shape), .series):
      guard shape.count == 1 else {
        throw ServiceError.invalid("shape \(Shape(shape)), expected a list of numbers")
      }
      try forecast?.check(count: values.count)
      return EncodedSequence(.values(values))
    case (.numbers(let values, let shape), .image):
      guard let source else { throw ServiceError.invalid("the model takes no images") }
      try source.checkPixels(shape)
      return EncodedSequence(.pixels(values))
    case (.image(let bytes), .image):
      guard let source else { throw ServiceError.invalid("the model takes no images") }
      return EncodedSequence(.pixels(try source.pixels(ofFile: bytes)))
    default:
      throw ServiceError.invalid("expected \(task.source)")
    }
  }

  // MARK: - Answers

  func submit(
    _ sequence: EncodedSequence,
    _ parameters: SequenceParameters,
    _ sink: any SequenceSink
  ) {
    do {
      switch runner {
      case .labeller(let labeller):
        guard case .tokens(let tokens) = sequence.content else {
          throw ServiceError.invalid("expected text")
        }
        labeller.submit(tokens, parts: labelledParts(tokens, of: sequence), sink)
      case .decoder(let lanes):
        if let forecast {
          try lanes.submit(
            request(of: sequence, parameters, forecast),
            ForecastObserver(forecast, sink)
          )
        } else {
          guard let vocabulary = vocabularies.target else {
            throw ServiceError(.internalServerError, "the model has no vocabulary")
          }
          try lanes.submit(
            try request(of: sequence, parameters),
            TextObserver(vocabulary, sink)
          )
        }
      }
    } catch { sink.fail(ServiceError(decoding: error)) }
  }

  /// What of a text has a label of its own: its words where the model labels words, else its tokens as they stand in the text.
  private func labelledParts(
    _ tokens: [Int],
    of sequence: EncodedSequence
  ) -> [TokenLabeller.Part] {
    if let pieces = sequence.words {
      return zip(pieces.words, pieces.starts).map { .init(text: $0, position: $1) }
    }
    guard let vocabulary = vocabularies.source else { return [] }
    var texts = tokens.map { vocabulary.text(of: $0) }
    for token in sequence.unknown where texts.indices.contains(token.position) {
      texts[token.position] = token.text
    }
    return texts.enumerated().map { .init(text: $1, position: $0) }
  }

  private func request(
    of sequence: EncodedSequence,
    _ parameters: SequenceParameters,
    _ forecast: ForecastScale
  ) throws(ServiceError) -> DecodingRequest {
    guard case .values(let values) = sequence.content else { throw .invalid("expected a series") }
    return DecodingRequest(
      .values(values.map(forecast.scaled)),
      lengthMax: parameters.steps ?? format.lengthMax
    )
  }

  private func request(
    of sequence: EncodedSequence,
    _ parameters: SequenceParameters
  ) throws -> DecodingRequest {
    var prompt = format.start.map { [$0] } ?? []
    var tensors: [String: Tensor] = [:]
    if let source {
      tensors = try source.tensors(sequence.content)
    } else if case .tokens(let tokens) = sequence.content {
      prompt += tokens
    }
    let strategy: DecodingRequest.Strategy =
      parameters.beamWidth > 1
      ? .beam(BeamSearch(width: parameters.beamWidth, bestCount: parameters.bestCount))
      : .sampling(
        Sampling(
          temperature: parameters.temperature,
          topK: parameters.topK ?? 0,
          topP: parameters.topP ?? 1,
          seed: parameters.seed
        )
      )
    return DecodingRequest(
      .tokens(prompt),
      source: tensors,
      strategy: strategy,
      lengthMax: parameters.maxLength ?? format.lengthMax,
      endTokens: format.end.map { [$0] } ?? []
    )
  }
}

extension ServiceError {
  /// What an error of decoding means to the client.
  init(decoding error: any Error) {
    switch error {
    case DecodingError.overloaded:
      self.init(.tooManyRequests, "\(error)", retryAfterSeconds: 1)
    case DecodingError.request, DecodingError.source:
      self.init(.badRequest, "\(error)")
    case is DecodingError:
      self.init(.internalServerError, "\(error)")
    default: self.init(error)
    }
  }
}

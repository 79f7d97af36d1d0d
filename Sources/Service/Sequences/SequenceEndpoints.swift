import Dispatch
import HTTP
import ONNXFormat

/// Answers the routes of sequences and captions: reads requests, hands their instances to the model, sends what comes back.
final class SequenceEndpoints: Sendable {
  private let limits: ServiceLimits
  private let streams: StreamStore
  /// Where large bodies and images are read.
  private let readingQueue: DispatchQueue

  /// Names the stream in the head of its answer: `GET /v1/streams/{stream}` reads it on.
  static let streamHeader = "X-Martlet-Stream"

  init(_ limits: ServiceLimits, _ readingQueue: DispatchQueue) {
    self.limits = limits
    self.readingQueue = readingQueue
    streams = StreamStore(limits)
  }

  /// `POST ...:sequence`, `:caption`, `generate` and `generate_stream`.
  func answer(
    _ verb: SequenceVerb,
    _ host: ModelHost,
    _ request: Request,
    _ responder: Responder
  ) throws(ServiceError) {
    let sequences = try verb.sequences(of: host)
    let isSlow =
      sequences.backend.task.source == .image || request.body.count > limits.inlineBodyBytes
    guard isSlow else {
      return try begin(verb, host, sequences, request, responder)
    }
    // The request's bytes stay until it is answered.
    readingQueue.async { [self] in
      do throws(ServiceError) {
        try begin(verb, host, sequences, request, responder)
      } catch {
        responder.fail(error)
      }
    }
  }

  /// `GET /v1/streams/{stream}`: the events behind `Last-Event-ID`, all without it.
  func resume(_ request: Request, _ responder: Responder) throws(ServiceError) {
    let stream = try streams.stream(request.parameter(0))
    var number = 0
    if let field = request.headers["last-event-id"], !field.isEmpty {
      guard let text = field.string, let known = StreamID.number(of: text, stream: stream.id)
      else {
        throw .invalid("'Last-Event-ID' must be the id of an event of stream '\(stream.id)'")
      }
      number = known
    }
    try stream.attach(after: number, responder)
  }

  // MARK: - Reading

  private func begin(
    _ verb: SequenceVerb,
    _ host: ModelHost,
    _ sequences: SequenceHost,
    _ request: Request,
    _ responder: Responder
  ) throws(ServiceError) {
    do {
      try BodyKind.requireIdentityCoding(request)
      let deadline = try RequestDeadline.read(request)
      var generateWriter: GenerateWriter?
      let asked: SequenceRequest
      switch verb {
      case .sequence, .caption: asked = try read(request, sequences.backend)
      case .generate, .generateStream:
        let body = GenerateBody(parameterReader: reader(sequences.backend), limits: limits)
        let content = try body.read(request.body, isStream: verb == .generateStream)
        generateWriter = GenerateWriter(id: content.id, model: host.name, version: host.version)
        asked = content.request
      }
      let encoded = try encode(asked, sequences.backend)
      try sequences.admit(encoded.count)
      let start = UInt64(truncatingIfNeeded: request.receivedAt)
      do throws(ServiceError) {
        let outcome = try outcome(asked, host, sequences, responder, generateWriter)
        let context = SequenceRun.Context(
          host: sequences,
          parameters: asked.parameters,
          start: start,
          deadline: deadline,
          outcome: outcome
        )
        for (row, sequence) in encoded.enumerated() {
          let run = SequenceRun(sequence, row: row, context)
          sequences.backend.submit(sequence, asked.parameters, run)
        }
      } catch {
        for _ in encoded { sequences.release(seconds: nil) }
        throw error
      }
    } catch {
      throw ServiceError(error)
    }
  }

  private func reader(_ backend: any SequenceBackend) -> SequenceParameterReader {
    SequenceParameterReader(
      task: backend.task,
      answerLengthMax: backend.answerLengthMax,
      limits: limits
    )
  }

  private func read(
    _ request: Request,
    _ backend: any SequenceBackend
  ) throws -> SequenceRequest {
    let kind = try BodyKind(request)
    if case .image = kind {
      guard backend.task.source == .image else {
        throw ServiceError(
          .unsupportedMediaType,
          "the body is an image, but the model's task is \(backend.task.rawValue): send JSON"
        )
      }
      return SequenceRequest(
        instances: [.image([UInt8](request.body))],
        parameters: try reader(backend).read(nil),
        instanceName: { _ in "the body" }
      )
    }
    guard case .json = kind else {
      throw ServiceError(.unsupportedMediaType, "send JSON: {\"instances\": [...]}")
    }
    let body = SequenceBody(task: backend.task, parameterReader: reader(backend), limits: limits)
    return try body.read(request.body)
  }

  /// Encodes all instances before any is answered: a request is refused whole.
  private func encode(
    _ request: SequenceRequest,
    _ backend: any SequenceBackend
  ) throws(ServiceError) -> [EncodedSequence] {
    var encoded: [EncodedSequence] = []
    for (row, instance) in request.instances.enumerated() {
      let name = request.instanceName(row)
      let sequence: EncodedSequence
      do {
        sequence = try backend.encode(instance)
      } catch {
        throw ServiceError(error).naming(name)
      }
      guard sequence.count > 0 else { throw .invalid("\(name) holds no token: it is empty") }
      guard sequence.count <= backend.sourceLengthMax else {
        throw .invalid(
          "\(name) has \(sequence.count) \(backend.task.source == .series ? "numbers" : "tokens"), the model takes at most \(backend.sourceLengthMax)"
        )
      }
      encoded.append(sequence)
    }
    return encoded
  }

  // MARK: - Answering

  /// Where the answers go; a stream has begun by then.
  private func outcome(
    _ asked: SequenceRequest,
    _ host: ModelHost,
    _ sequences: SequenceHost,
    _ responder: Responder,
    _ generateWriter: GenerateWriter?
  ) throws(ServiceError) -> any SequenceOutcome {
    let isCaption = sequences.backend.task == .imageCaptioning
    let writer = PredictionsWriter(textKey: isCaption ? "caption" : "text")
    var headers: ResponseHeaders = [ModelHost.versionHeader: String(host.version)]
    guard asked.isStream else {
      let body: any SequenceWriter = generateWriter ?? writer
      return SequenceReply(
        asked.instances.count,
        responder,
        headers: headers,
        body,
        name: asked.instanceName
      )
    }
    let id = StreamID.make()
    headers.add("Cache-Control", "no-store")
    // Triton's streams are not read on: they have no ids.
    if generateWriter == nil { headers.add(Self.streamHeader, id) }
    let format: any StreamFormat =
      generateWriter.map { GenerateStreamFormat(writer: $0) }
      ?? NativeStreamFormat(stream: id, writer: writer)
    let stream = SequenceStream(
      id,
      format,
      headers: headers,
      metrics: sequences.metrics,
      byteCountMax: limits.streamBytes,
      resumeSeconds: asked.resumeSeconds
    )
    if generateWriter == nil { try streams.insert(stream) }
    try stream.attach(after: 0, responder)
    return stream
  }
}

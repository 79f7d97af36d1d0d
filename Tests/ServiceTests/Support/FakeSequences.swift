import Dispatch
import HTTP
import ONNXFormat
import Synchronization

@testable import Service

/// Models of sequences without an engine: what they answer is easy to tell.
///
/// Text goes on with the letters behind its last one, each `seed` letters further where tokens are drawn, up to z.
/// A series goes on counting. Digits are unknown. A caption tells how many bytes the picture has.
struct FakeSequences: SequenceBackend {
  let task: SequenceTask
  let sourceLengthMax = 12
  let answerLengthMax = 20
  private let loop: FakeDecodingLoop
  private let isManual: Bool

  init(_ task: SequenceTask, _ loop: FakeDecodingLoop, isManual: Bool) {
    self.task = task
    self.loop = loop
    self.isManual = isManual
  }

  func encode(_ instance: SequenceInstance) throws -> EncodedSequence {
    switch instance {
    case .text(let text):
      let letters = text.unicodeScalars.filter { $0 != " " }
      let unknown = letters.enumerated().filter { $1.properties.numericType != nil }
      return EncodedSequence(
        .tokens(letters.map { Int($0.value) }),
        unknown: unknown.map { UnknownToken(String($1), position: $0, offset: $0) }
      )
    case .numbers(let values, let shape) where task == .imageCaptioning:
      guard shape == [1, 2, 2] else {
        throw ServiceError.invalid("expected pixels [1,2,2], got \(shape)")
      }
      return EncodedSequence(.pixels(values))
    case .numbers(let values, _): return EncodedSequence(.values(values))
    case .image(let bytes):
      guard bytes.count > 3, bytes[0] == 0xFF || bytes[0] == 0x89 else {
        throw ServiceError.invalid("these bytes are no image")
      }
      return EncodedSequence(.pixels([Float(bytes.count)]))
    }
  }

  func submit(
    _ sequence: EncodedSequence,
    _ parameters: SequenceParameters,
    _ sink: any SequenceSink
  ) {
    loop.add(FakeDecodingLoop.Stream(steps: steps(sequence, parameters), sink: sink))
    if !isManual { loop.runToTheEnd() }
  }

  // MARK: - What it answers

  private func steps(
    _ sequence: EncodedSequence,
    _ parameters: SequenceParameters
  ) -> FakeDecodingLoop.Steps {
    switch (task, sequence.content) {
    case (.forecasting, .values(let values)):
      let last = values.last ?? 0
      let all = (1...(parameters.steps ?? 2)).map {
        ForecastValue(last + Float($0), lower: last, upper: last + 2 * Float($0))
      }
      return .init(pieces: all.map { .value($0) }, answer: .forecast(all))
    case (.textClassification, _):
      let answer = SequenceAnswer.label(
        "good",
        probabilities: [.init("bad", 0.25), .init("good", 0.75)]
      )
      return .init(pieces: [], answer: answer)
    case (.tokenClassification, .tokens(let tokens)):
      let labels = tokens.map { TokenLabel(Self.letter($0), "B-\(Self.letter($0))", 0.5) }
      return .init(pieces: [], answer: .labels(labels))
    case (_, .tokens(let tokens)):
      return text(from: tokens.last ?? 0x61, parameters)
    case (_, .pixels(let values)):
      return caption(values, parameters)
    default: return .init(pieces: [], answer: nil)
    }
  }

  private static func letter(_ token: Int) -> String {
    UnicodeScalar(UInt32(clamping: token)).map { String(Character($0)) } ?? ""
  }

  private func text(
    from last: Int,
    _ parameters: SequenceParameters
  ) -> FakeDecodingLoop.Steps {
    let stride = parameters.isSampling ? max(1, Int(parameters.seed % 5)) : 1
    var letters: [String] = []
    var next = last + stride
    let lengthMax = parameters.maxLength ?? answerLengthMax
    while letters.count < lengthMax, next <= 0x7A {
      letters.append(Self.letter(next))
      next += stride
    }
    let reason: FinishReason = letters.count == lengthMax ? .length : .stop
    let best = GeneratedText(
      letters.joined(),
      tokens: letters,
      reason,
      logProbability: -0.5 * Float(letters.count)
    )
    let others = (1..<parameters.bestCount).map {
      GeneratedText("\(best.text)\($0)", tokens: letters, reason, logProbability: -20 * Float($0))
    }
    let pieces = letters.map { SequencePiece.token($0, text: $0, logProbability: -0.5) }
    return .init(
      pieces: parameters.beamWidth > 1 ? [] : pieces,
      answer: .texts([best] + others)
    )
  }

  private func caption(
    _ values: [Float],
    _ parameters: SequenceParameters
  ) -> FakeDecodingLoop.Steps {
    let words = ["\(Int(values[0]))", "bytes"]
    let best = GeneratedText(
      words.joined(separator: " "),
      tokens: words,
      .stop,
      logProbability: -1
    )
    let others = (1..<parameters.bestCount).map {
      GeneratedText("\($0) things", tokens: ["\($0)", "things"], .stop, logProbability: -3)
    }
    let pieces = [
      SequencePiece.token(words[0], text: words[0], logProbability: -0.5),
      .token(words[1], text: " bytes", logProbability: -0.5),
    ]
    return .init(
      pieces: parameters.beamWidth > 1 ? [] : pieces,
      answer: .texts([best] + others)
    )
  }
}

/// Gives every stream one piece in each step, as the decode loop does; tests step it, or it runs by itself.
final class FakeDecodingLoop: Sendable {
  /// What a stream gives, step by step.
  struct Steps: Sendable {
    let pieces: [SequencePiece]
    /// nil for a stream that fails at its end.
    let answer: SequenceAnswer?
  }

  struct Stream: Sendable {
    let steps: Steps
    let sink: any SequenceSink
    var position = 0
  }

  private let streams = Mutex<[Stream]>([])
  private let queue = DispatchQueue(label: "fake decoding")

  /// Streams that take part in the next step, unless they are cancelled.
  var count: Int { streams.withLock { $0.count } }

  func add(_ stream: Stream) { streams.withLock { $0.append(stream) } }

  /// One step.
  func step() {
    queue.sync {
      let now = streams.withLock { streams in
        defer { streams = [] }
        return streams
      }
      let rest = now.compactMap(advance)
      streams.withLock { $0 = rest + $0 }
    }
  }

  /// Ends every stream with an error, as a step does that the engine cannot run.
  func failAll() {
    queue.sync {
      let now = streams.withLock { streams in
        defer { streams = [] }
        return streams
      }
      for stream in now {
        stream.sink.fail(ServiceError(.internalServerError, "the model's scores are not finite"))
      }
    }
  }

  /// Steps on another thread until nothing is left.
  func runToTheEnd() {
    queue.async { [self] in
      while true {
        let now = streams.withLock { streams in
          defer { streams = [] }
          return streams
        }
        if now.isEmpty { return }
        let rest = now.compactMap(advance)
        streams.withLock { $0 = rest + $0 }
      }
    }
  }

  private func advance(_ stream: Stream) -> Stream? {
    if stream.sink.isCancelled {
      stream.sink.fail(ServiceError(.clientClosedRequest, "cancelled"))
      return nil
    }
    var stream = stream
    if stream.position < stream.steps.pieces.count {
      stream.sink.append(stream.steps.pieces[stream.position])
      stream.position += 1
      return stream
    }
    if let answer = stream.steps.answer {
      stream.sink.finish(answer)
    } else {
      stream.sink.fail(ServiceError(.internalServerError, "the model's scores are not finite"))
    }
    return nil
  }
}

import Service

extension LimitFlags {
  /// The limits of sequences and captions.
  static let sequenceCounts: [Count] = [
    Count(
      service: \.sequencesPerRequest,
      "sequences-per-request",
      "INSTANCES",
      "instances in one request to a model of sequences; more is 413",
      1...4096
    ),
    Count(
      service: \.sequencesPerModel,
      "sequences-per-model",
      "ANSWERS",
      "answers of a version that are made or wait to be; more is 429",
      1...100_000
    ),
    Count(
      service: \.promptBytes,
      "prompt-bytes",
      "BYTES",
      "largest text of an instance; larger is 400",
      1...1 << 24
    ),
    Count(
      service: \.beamWidth,
      "beam-width",
      "HYPOTHESES",
      "widest beam of a request",
      1...32
    ),
    Count(
      service: \.stopTexts,
      "stop-texts",
      "TEXTS",
      "texts that may end an answer",
      0...64
    ),
    Count(
      service: \.stopBytes,
      "stop-bytes",
      "BYTES",
      "largest of these texts",
      1...4096
    ),
    Count(
      service: \.streams,
      "streams",
      "STREAMS",
      "answers sent as they are made, with those kept to be read on; more is 429",
      1...100_000
    ),
    Count(
      service: \.streamBytes,
      "stream-bytes",
      "BYTES",
      "events of one of these streams that are kept",
      4096...1 << 30
    ),
    Count(
      service: \.streamsBytes,
      "streams-bytes",
      "BYTES",
      "events of all of them; those that ended first go",
      4096...1 << 40
    ),
    Count(
      service: \.streamSeconds,
      "stream-seconds",
      "SECONDS",
      "how long a stream can be read behind its end",
      0...86_400
    ),
    Count(
      service: \.streamResumeSeconds,
      "stream-resume-seconds",
      "SECONDS",
      "longest time that an answer is made on without a reader",
      0...3600
    ),
  ]
}

import CommandLineTool
import Service

/// What trainings beside the serving may use of the machine.
enum TrainingFlags {
  static let all: [CommandSpecification.Flag] = [
    .init(
      "training-threads",
      value: "COUNT",
      "threads of one fine-tuning job",
      default: "\(usual.threads)"
    ),
    .init(
      "training-concurrency",
      value: "COUNT",
      "jobs that run at the same time, of different models",
      default: "\(usual.concurrency)"
    ),
    .init(
      "training-share",
      value: "PERCENT",
      "share of the time that a job gets while predictions are asked for",
      default: "\(Int((usual.share * 100).rounded()))"
    ),
    .init(
      "max-training-memory",
      value: "MIB",
      "memory of one job for examples and what frozen layers make of them",
      default: "\(usual.memoryBytes >> 20)"
    ),
  ]

  private static let usual = FineTuningSettings()

  /// - Throws: `UsageError` for a number out of range.
  static func settings(_ arguments: Arguments) throws(UsageError) -> FineTuningSettings {
    var settings = usual
    settings.threads =
      try arguments.integer("training-threads", in: 1...256) ?? settings.threads
    settings.concurrency =
      try arguments.integer("training-concurrency", in: 1...16) ?? settings.concurrency
    if let percent = try arguments.integer("training-share", in: 1...100) {
      settings.share = Double(percent) / 100
    }
    if let size = try arguments.integer("max-training-memory", in: 16...1 << 20) {
      settings.memoryBytes = size << 20
    }
    return settings
  }
}

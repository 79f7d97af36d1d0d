/// What trainings in the background may use of the machine.
package struct FineTuningSettings: Sendable, Equatable {
  /// Threads of one training.
  package var threads = 1
  /// Trainings at the same time, of different models.
  package var concurrency = 1
  /// The share of the time that a training gets while predictions are asked for; all of it while nobody asks.
  package var share = 0.2
  /// Memory that one training may take for examples and precomputed values, bytes.
  package var memoryBytes = 2 << 30
  /// Steps between two checkpoints within an epoch; one is also written after every epoch.
  package var checkpointSteps = 50
  /// Seconds that at least lie between two checkpoints.
  package var checkpointSeconds = 1.0
  /// Seconds that at least lie between two events about single steps: each is on the disk before training goes on.
  package var metricSeconds = 0.25
  /// The share of the examples that is held out where a request says nothing.
  package var validationSplit = 0.1

  /// The defaults above.
  package init() {}

  /// Examples take two to three times their size while they are read.
  var exampleLimits: ExampleLimits {
    var limits = ExampleLimits()
    limits.decodedBytes = min(limits.decodedBytes, memoryBytes / 4)
    return limits
  }

  /// Bytes for what frozen layers make of the examples.
  var frozenValuesBytes: Int { memoryBytes / 4 }
}

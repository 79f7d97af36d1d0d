import Storage
import Training

extension RecipeRequest {
  /// How the networks of this folder are trained: the learning rate rises to `peakRate` for a twentieth of the steps and falls along a
  /// cosine to 0; the weights of the epoch that is best by `best` are kept, the last epoch's where it is `nil`.
  func options(
    epochs: Int,
    batchesPerEpoch: Int,
    batchSize: Int,
    seed: UInt64,
    peakRate: Float,
    best: EarlyStopping.Monitor?
  ) -> TrainingOptions {
    let steps = epochs * batchesPerEpoch
    var options = TrainingOptions(
      epochs: epochs,
      batchSize: batchSize,
      seed: seed,
      schedule: .cosine(rate: peakRate, steps: steps, warmUp: steps / 20),
      threads: threads
    )
    options.earlyStopping = best.map { EarlyStopping(monitor: $0, patience: epochs) }
    options.checkpoints = checkpoint.map { CheckpointPolicy(path: $0, minimumSeconds: 30) }
    return options
  }

  /// Trains, from the checkpoint where there is one.
  ///
  /// - Returns: Whether the training came to its end; false where somebody stopped it: an unfinished network is no version of a model,
  ///   and the reader is told.
  /// - Throws: What the training throws, and `report`.
  func train(_ trainer: Trainer, report: (RecipeEvent) throws -> Void) throws -> Bool {
    if let checkpoint, FileAccess.exists(checkpoint) {
      try trainer.resume(from: TrainingCheckpoint(contentsOf: checkpoint))
    }
    let ended = try trainer.run(control: control) { try report(.training($0)) }
    guard ended.end == .stoppedOnRequest else { return true }
    try report(.message("stopped after step \(ended.steps); no model was written"))
    return false
  }
}

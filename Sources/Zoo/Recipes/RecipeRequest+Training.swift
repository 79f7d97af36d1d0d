import Storage
import Training

extension RecipeRequest {
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

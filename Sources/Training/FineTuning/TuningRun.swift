/// A prepared fine-tuning of any kind of model: what runs it needs no more.
package protocol TuningRun: AnyObject {
  var options: FineTuningOptions { get }
  /// Mini-batches in an epoch.
  var stepsPerEpoch: Int { get }
  /// Numbers in the weights that are trained.
  var trainedParameterCount: Int { get }

  /// Trains until the epochs are done, early stopping ends it, or a stop is requested.
  ///
  /// - Parameters:
  ///   - checkpoint: of an interrupted run with the same model, options and examples; from the start when `nil`.
  ///   - control: asks for a stop; the state is then in the checkpoint.
  ///   - observer: hears of every step, epoch and checkpoint, on this thread; what it throws ends the training.
  /// - Returns: weights and curves; after a stop those of the moment.
  /// - Throws: as `Trainer.run`; `TrainingError.checkpoint` for one of another training.
  func run(
    from checkpoint: TrainingCheckpoint?,
    control: TrainingControl,
    observer: (TrainingEvent) throws -> Void
  ) throws -> FineTuningReport
}

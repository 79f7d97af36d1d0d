import Jobs
import Training

/// One attempt at a job: what it is to do, and how it is told to stop.
struct JobAttempt {
  let specification: FineTuningSpecification
  /// The job's identifier.
  let job: String
  let context: JobContext
  let control = TrainingControl()
  /// Where training keeps its state; nil where nothing is trained.
  let checkpoint: String?
}

/// A job of any kind, ready to run: a training, and what is done with its outcome.
struct PreparedJob {
  let tuning: any TuningRun
  let trainingCount: Int
  let heldOutCount: Int
  var warnings: [String] = []
  /// Measures what training made beside the present version.
  let judge: (FineTuningReport) throws -> PromotionDecision
  /// What is published.
  let draft: (FineTuningReport, PromotionDecision) -> any FineTunedDraft
}

package import Storage

/// The feedback of all models, each in a folder of its own.
package final class FeedbackStore: Sendable {
  private let models: ByModel<ModelFeedback>

  /// - Parameters:
  ///   - folder: Made where it is missing; every model has a folder in it.
  ///   - limits: How much is kept of each model, in memory and on disk.
  ///   - report: Told what was lost or cannot be read; from any thread.
  /// - Throws: `FormatError` where the folder cannot be made.
  package init(
    folder: String,
    limits: ServiceLimits = ServiceLimits(),
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(FormatError) {
    models = try ByModel(folder: folder) { model, folder in
      ModelFeedback(model, folder: folder, limits: limits, report: report)
    }
  }

  /// The feedback of a model that is, or was, in the repository; nil for what can be no model's name.
  func feedback(of model: String) -> ModelFeedback? { models[model] }

  /// What is known now of a model's feedback; the disk is not waited for.
  func summary(of model: String) -> FeedbackSummary {
    feedback(of: model)?.summary ?? FeedbackSummary()
  }

  /// The newest rows of a model with their true answers, as examples to train it on, the oldest first.
  ///
  /// Rows that do not fit are left out; the set's warnings say how many and why. Waits for the disk: not on an event loop.
  ///
  /// - Parameters:
  ///   - model: A model of the repository.
  ///   - count: Rows to look at, at most.
  ///   - schema: What the model takes and answers.
  ///   - limits: How much a training may have.
  /// - Returns: The examples that fit, in the order of their feedback.
  /// - Throws: `FormatError` where the disk fails, `ExampleProblems` where no row fits or they are too many.
  package func examples(
    of model: String,
    newest count: Int,
    _ schema: ExampleSchema,
    limits: ExampleLimits = ExampleLimits()
  ) throws -> ExampleSet {
    let records = try feedback(of: model)?.newest(count) ?? []
    return try FeedbackExamples.set(records, schema, limits: limits)
  }
}

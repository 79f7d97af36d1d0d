package import Storage

/// The transitions of all models, each in a folder of its own.
package final class TransitionStore: Sendable {
  private let models: ByModel<QueuedContents<TransitionMemory>>
  let limits: ServiceLimits

  /// - Parameters:
  ///   - folder: Made where it is missing; every model has a folder in it.
  ///   - limits: How much is kept of each model.
  ///   - report: Told what was lost or cannot be read; from any thread.
  /// - Throws: `FormatError` where the folder cannot be made.
  package init(
    folder: String,
    limits: ServiceLimits = ServiceLimits(),
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(FormatError) {
    self.limits = limits
    models = try ByModel(folder: folder) { model, folder in
      QueuedContents("transitions \(model)") { () throws(FormatError) in
        do throws(FormatError) {
          let memory = try TransitionMemory(folder, limits: limits)
          for problem in memory.problems { report(problem) }
          return memory
        } catch {
          report("no transitions: \(error)")
          throw error
        }
      }
    }
  }

  /// The transitions of a model that is, or was, in the repository; nil for what can be no model's name.
  func memory(of model: String) -> QueuedContents<TransitionMemory>? { models[model] }
}

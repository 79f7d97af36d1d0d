import Datasets
import Jobs
import ONNXFormat
import Tensors
import Training

/// The examples of a job: those that are trained on, and those that are held out to judge by.
struct FineTuningExamples {
  let training: Dataset
  /// nil where there are none.
  let heldOut: Dataset?
  /// Class names in the order of the logits; empty for a regression.
  let labels: [String]
  /// Numbers that the model gives for a row: one for each label or target.
  let outputCount: Int
  /// Of the training file's content.
  let digest: String
  let warnings: [String]

  /// Reads a job's files.
  ///
  /// - Throws: `JobFailure` that names the file's first bad rows; `ServiceError` for a model that cannot be trained on rows.
  init(
    _ specification: FineTuningSpecification,
    _ base: BaseVersion,
    files: FileLibrary,
    limits: ExampleLimits
  ) throws {
    let schema = try ExampleSchema(
      base.manifest,
      base.signature,
      targets: try specification.targets(of: base),
      limits: limits
    )
    let set = try Self.read(
      specification.trainingFile,
      "training_file",
      schema,
      files,
      limits
    )
    labels = set.labels
    outputCount = set.outputCount
    digest = set.digest
    var warnings = set.warnings
    if let file = specification.validationFile {
      let known = try ExampleSchema(
        rowShape: schema.rowShape,
        image: schema.image,
        targets: schema.targets.settled(by: set),
        limits: limits
      )
      let validation = try Self.read(file, "validation_file", known, files, limits)
      training = set.dataset
      heldOut = validation.dataset
      warnings += validation.warnings
    } else {
      let split = set.split(
        validationFraction: specification.validationSplit,
        seed: specification.seed
      )
      training = set.dataset.selecting(split.training)
      heldOut = split.validation.isEmpty ? nil : set.dataset.selecting(split.validation)
    }
    self.warnings = warnings
  }

  private static func read(
    _ id: String,
    _ parameter: String,
    _ schema: ExampleSchema,
    _ files: FileLibrary,
    _ limits: ExampleLimits
  ) throws -> ExampleSet {
    guard let file = files.file(id) else {
      throw JobFailure(
        code: "file_not_found",
        message: "the file '\(id)' is not there any more",
        param: parameter
      )
    }
    do {
      return try ExampleReader(schema, limits: limits).read(
        path: files.path(of: file),
        name: file.filename
      )
    } catch {
      throw JobFailure(
        code: "invalid_\(parameter)",
        message: "\(file.filename): \(error)",
        param: parameter
      )
    }
  }
}

extension FineTuningSpecification {
  /// What the examples must say.
  ///
  /// - Throws: `JobFailure` where labels are needed and were not given.
  func targets(of base: BaseVersion) throws(JobFailure) -> ExampleSchema.Targets {
    switch (objective, head) {
    case (.classification, .keep): return .classes(base.labels)
    case (.classification, .replace): return .newClasses(labels)
    case (.multiLabel, .keep): return .multiLabel(base.labels)
    case (.multiLabel, .replace):
      guard let labels else {
        throw JobFailure(
          code: "labels_missing",
          message: "a new head for several labels a row needs 'labels', their names in order",
          param: "labels"
        )
      }
      return .multiLabel(labels)
    case (.regression, .keep): return .values(base.model.classCount)
    case (.regression, .replace): return .newValues
    case (.sequence, _), (.reinforcement, _):
      throw JobFailure(
        code: "cannot_fine_tune",
        message: "objective '\(objective.rawValue)' is not for '\(base.name)'",
        param: "objective"
      )
    }
  }
}

extension ExampleSchema.Targets {
  /// The same where the model tells; else what was found in the training examples.
  fileprivate func settled(by set: ExampleSet) -> Self {
    switch self {
    case .newClasses: .classes(set.labels)
    case .newValues: .values(set.outputCount)
    case .classes, .multiLabel, .values: self
    }
  }
}

extension ExampleSet {
  /// Classes, or numbers in a target.
  fileprivate var outputCount: Int {
    labels.isEmpty ? dataset.labels.shape.elementCount / max(count, 1) : labels.count
  }
}

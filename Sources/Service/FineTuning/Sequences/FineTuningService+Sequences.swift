import Jobs
import ONNXFormat

// Jobs for models of sequences and captions.
extension FineTuningService {
  /// What a request asks of a sequence model, with the defaults filled in.
  ///
  /// - Throws: `AdminError` 400 for what has no meaning for such a model; what reading the version throws.
  func sequenceSpecification(
    _ request: FineTuningRequest,
    _ start: StartingVersion
  ) throws -> FineTuningSpecification {
    let base = try repository.sequenceBaseVersion(start.model, start.number)
    let task = base.task
    func refuse(_ message: String, _ parameter: String) -> AdminError {
      .invalid("\(message) (the model's task is \(task.rawValue))", parameter: parameter)
    }
    guard case .file(let file) = request.source else {
      throw refuse(
        "examples for a model of sequences come in a file: upload \(task.exampleFormats), and send its id as 'training_file'",
        "data"
      )
    }
    if let objective = request.objective, objective != .sequence {
      throw refuse("objective must be 'sequence' or missing", "objective")
    }
    guard request.head == .keep, request.labels == nil else {
      throw refuse("a model of sequences keeps its head, labels and vocabularies", "head")
    }
    guard request.augmentation == nil else {
      throw refuse("augmentation is for models of pictures", "augmentation")
    }
    if case .rate = request.hyperparameters.dropout {
      throw refuse(
        "dropout is true, for the dropout that the graph has, or false",
        "hyperparameters.dropout"
      )
    }
    let gate = request.gate ?? .init(metric: .loss)
    guard gate.metric == .loss || gate.metric == .accuracy && task != .forecasting else {
      throw refuse(
        task == .forecasting
          ? "gate.metric must be 'loss'" : "gate.metric must be 'loss' or 'accuracy', of tokens",
        "gate.metric"
      )
    }
    let split =
      request.validationFile == nil ? request.validationSplit ?? settings.validationSplit : 0
    if request.hyperparameters.patience != nil, request.validationFile == nil, split == 0 {
      throw refuse(
        "early stopping needs held-out examples: send 'validation_split' or 'validation_file'",
        "validation_split"
      )
    }
    return FineTuningSpecification(
      model: base.name,
      baseVersion: base.number,
      trainingFile: file,
      validationFile: request.validationFile,
      validationSplit: split,
      objective: .sequence,
      head: .keep,
      labels: nil,
      freeze: request.freeze,
      hyperparameters: request.hyperparameters,
      reinforcement: nil,
      augmentation: nil,
      seed: request.seed ?? UInt64.random(in: 0...UInt64(1) << 53),
      gate: gate,
      promote: request.promote,
      alias: request.alias,
      suffix: request.suffix,
      metadata: request.metadata
    )
  }
}

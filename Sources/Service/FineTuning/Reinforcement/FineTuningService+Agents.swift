import HTTP
import Jobs
import ONNXFormat
import Storage

// Jobs for policies.
extension FineTuningService {
  /// What a request asks of a policy, with the defaults filled in; where no file is named, what is stored of the model's transitions is
  /// kept as one: later transitions do not change the job.
  ///
  /// - Returns: The specification, and whether its file was made here.
  /// - Throws: `AdminError` 400 for what has no meaning for such a model; what reading the version throws.
  func agentSpecification(
    _ request: FineTuningRequest,
    _ start: StartingVersion
  ) throws -> (specification: FineTuningSpecification, isFileOurs: Bool) {
    let base = try repository.agentBaseVersion(start.model, start.number)
    func refuse(_ message: String, _ parameter: String) -> AdminError {
      .invalid("\(message) (the model's task is q-values)", parameter: parameter)
    }
    guard let reinforcement = request.reinforcement else {
      throw refuse("a policy learns by \"method\": {\"type\": \"reinforcement\"}", "method.type")
    }
    if let objective = request.objective, objective != .reinforcement {
      throw refuse("objective must be 'reinforcement' or missing", "objective")
    }
    guard request.head == .keep, request.labels == nil else {
      throw refuse("a policy keeps its head and its actions", "head")
    }
    guard request.augmentation == nil, request.freeze.isEmpty else {
      throw refuse("augmentation and freeze are for other models", "augmentation")
    }
    guard request.validationFile == nil else {
      throw refuse(
        "held-out transitions are a share of the others: 'validation_split'",
        "validation_file"
      )
    }
    let hasEnvironment = base.environment != nil
    let metric: FineTuningSpecification.Metric = hasEnvironment ? .meanReturn : .temporalError
    let gate = request.gate ?? .init(metric: metric)
    guard gate.metric == .temporalError || gate.metric == .meanReturn && hasEnvironment else {
      throw refuse(
        gate.metric == .meanReturn
          ? "a mean return needs an environment that the server knows; model.json names \(base.format.training.environment ?? "none"): use 'td_error'"
          : "gate.metric must be 'mean_return' or 'td_error'",
        "gate.metric"
      )
    }
    var specification = FineTuningSpecification(
      model: base.name,
      baseVersion: base.number,
      trainingFile: "",
      validationFile: nil,
      validationSplit: request.validationSplit ?? settings.validationSplit,
      objective: .reinforcement,
      head: .keep,
      labels: nil,
      freeze: [],
      hyperparameters: FineTuningHyperparameters(),
      reinforcement: reinforcement,
      augmentation: nil,
      seed: request.seed ?? UInt64.random(in: 0...UInt64(1) << 53),
      gate: gate,
      promote: request.promote,
      alias: request.alias,
      suffix: request.suffix,
      metadata: request.metadata
    )
    if case .file(let id) = request.source {
      specification.trainingFile = id
      return (specification, false)
    }
    guard request.source == .transitions else {
      throw refuse(
        "a policy learns from transitions: POST them to /v1/models/\(base.name):transitions, or upload a file of them",
        "data"
      )
    }
    specification.trainingFile = try storeTransitions(base).id
    return (specification, true)
  }

  /// Keeps the transitions that clients have sent so far as a file.
  private func storeTransitions(_ base: AgentBaseVersion) throws -> StoredFile {
    guard let memory = transitions?.memory(of: base.name) else {
      throw AdminError.invalid("this server keeps no transitions", parameter: "training_file")
    }
    let file = TransitionFile(
      observations: ObservationReader(base.format, images: nil),
      limits: settings.exampleLimits
    )
    let bytes: [UInt8]
    do throws(FormatError) {
      bytes = try memory.read { memory throws(FormatError) in
        guard memory.statistics.count > 0 else {
          throw FormatError("transitions", "there are none")
        }
        return try file.arrays(of: memory)
      }
    } catch {
      throw AdminError.invalid(
        "no transitions of '\(base.name)' to learn from: \(error.detail); POST them to /v1/models/\(base.name):transitions",
        parameter: "training_file"
      )
    }
    return try files.add(bytes, filename: "transitions.npz", purpose: "fine-tune")
  }
}

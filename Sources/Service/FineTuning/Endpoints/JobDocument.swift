import HTTP
import Jobs

/// A job as the API shows it: OpenAI's `fine_tuning.job` with members of our own.
enum JobDocument {
  /// The document of a job.
  ///
  /// - Parameters:
  ///   - job: its record.
  ///   - progress: data of the last event with numbers, where there is one.
  /// - Returns: an object with all members of OpenAI's, null where there is nothing to say.
  static func value(of job: JobRecord, progress: JSONValue?) -> JSONValue {
    // Records are written by this program; one that cannot be read shows without its details.
    let specification = try? FineTuningSpecification(payload: job.payload)
    let result = job.result.flatMap { try? FineTuningResult(json: $0) }
    var finish: JSONValue = .null
    if job.status == .running, case .number(let left)? = progress?["seconds_left"] {
      finish = .number(Double(UnixTime.now()) + left.rounded(.up))
    }
    var members: [JSONValue.Member] = [
      .init("id", .string(job.id)),
      .init("object", "fine_tuning.job"),
      .init("created_at", JSONValue(job.createdAt)),
      .init("finished_at", JSONValue(job.finishedAt)),
      .init("estimated_finish", finish),
      .init("status", .string(job.status.rawValue)),
      .init("model", JSONValue(specification.map { "\($0.model)/\($0.baseVersion)" } ?? job.group)),
      .init("fine_tuned_model", JSONValue(result.map { "\(job.group)/\($0.version)" })),
      .init("organization_id", "martlet"),
      .init("training_file", JSONValue(specification?.trainingFile ?? "")),
      .init("validation_file", JSONValue(specification?.validationFile)),
      .init("result_files", []),
      .init("trained_tokens", .null),
      .init("error", error(of: job)),
      .init("integrations", []),
      .init("started_at", JSONValue(job.startedAt)),
      .init("attempt", JSONValue(job.attempt)),
      .init("progress", progress ?? .null),
    ]
    if let result { members += outcome(of: result, specification) }
    if let specification { members += details(of: specification) }
    return .object(members)
  }

  private static func error(of job: JobRecord) -> JSONValue {
    guard let failure = job.failure else { return .null }
    return [
      "code": .string(failure.code), "message": .string(failure.message),
      "param": JSONValue(failure.param),
    ]
  }

  /// What came of the job: `metrics` and `parent_metrics` on the held-out examples, and whether the alias moved.
  private static func outcome(
    of result: FineTuningResult,
    _ specification: FineTuningSpecification?
  ) -> [JSONValue.Member] {
    let decision = result.decision
    return [
      .init("metrics", value(of: decision.metrics)),
      .init("parent_metrics", decision.baseline.map(value(of:)) ?? .null),
      .init("parent_version", JSONValue(decision.baselineVersion)),
      .init(
        "promotion",
        [
          "alias": JSONValue(specification?.alias), "promoted": .bool(result.isPromoted),
          "reason": .string(decision.reason),
        ]
      ),
      .init("steps", JSONValue(result.steps)),
      .init("best_epoch", JSONValue(result.bestEpoch)),
    ]
  }

  private static func value(of metrics: [String: Double]) -> JSONValue {
    .object(metrics.sorted { $0.key < $1.key }.map { .init($0.key, JSONValue($0.value)) })
  }

  private static func details(of specification: FineTuningSpecification) -> [JSONValue.Member] {
    let method = specification.reinforcement == nil ? "supervised" : "reinforcement"
    let chosen =
      specification.reinforcement?.document ?? hyperparameters(specification.hyperparameters)
    return [
      .init("seed", JSONValue(Int(clamping: specification.seed))),
      .init("hyperparameters", chosen),
      .init(
        "method",
        .object([
          .init("type", .string(method)), .init(method, ["hyperparameters": chosen]),
        ])
      ),
      .init(
        "metadata",
        .object(
          specification.metadata.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }
        )
      ),
      .init("suffix", JSONValue(specification.suffix)),
      .init("objective", .string(specification.objective.rawValue)),
      .init("head", .string(specification.head.rawValue)),
      .init("labels", specification.labels.map { .array($0.map(JSONValue.string)) } ?? .null),
      .init("freeze", .array(specification.freeze.map(JSONValue.string))),
      .init("validation_split", JSONValue(specification.validationSplit)),
      .init("promote", .string(specification.promote.rawValue)),
      .init("alias", .string(specification.alias)),
      .init(
        "gate",
        [
          "metric": .string(specification.gate.metric.rawValue),
          "minimum_change": JSONValue(specification.gate.minimumChange),
          "bound": JSONValue(specification.gate.bound),
        ]
      ),
    ]
  }

  private static func hyperparameters(_ chosen: FineTuningHyperparameters) -> JSONValue {
    func orAuto(_ number: Double?) -> JSONValue { number.map(JSONValue.number) ?? "auto" }
    return [
      "n_epochs": orAuto(chosen.epochs.map(Double.init)),
      "batch_size": orAuto(chosen.batchSize.map(Double.init)),
      "learning_rate_multiplier": orAuto(chosen.learningRateMultiplier),
      "learning_rate": JSONValue(chosen.learningRate),
      "optimizer": .string(chosen.optimizer.rawValue),
      "weight_decay": JSONValue(chosen.weightDecay),
      "schedule": .string(chosen.schedule.rawValue),
      "warmup_ratio": JSONValue(chosen.warmUp),
      "clip_norm": JSONValue(chosen.clipNorm),
      "patience": JSONValue(chosen.patience),
    ]
  }
}

/// A line of a job's log as the API shows it: OpenAI's `fine_tuning.job.event`.
enum EventDocument {
  static func value(of event: JobEvent) -> JSONValue {
    [
      "object": "fine_tuning.job.event",
      "id": .string(event.id),
      "created_at": JSONValue(event.createdAt),
      "level": .string(event.content.level.rawValue),
      "message": .string(event.content.message),
      "type": .string(event.content.kind.rawValue),
      "data": data(of: event) ?? .null,
    ]
  }

  /// The event's numbers.
  static func data(of event: JobEvent) -> JSONValue? {
    guard !event.content.data.isEmpty else { return nil }
    return try? event.content.data.withUnsafeBytes { try JSONValueReader.read($0) }
  }
}

/// The state after an epoch as the API shows it: OpenAI's `fine_tuning.job.checkpoint`.
enum CheckpointDocument {
  /// nil for an event that is not the end of an epoch.
  static func value(of event: JobEvent) -> JSONValue? {
    guard event.content.kind == .metrics, let data = EventDocument.data(of: event),
      data["epoch_end"] == .bool(true), let step = data["step"]?.whole
    else { return nil }
    let random = event.id.dropFirst("ftevent-".count)
    return [
      "id": .string("ftckpt-\(random)"),
      "object": "fine_tuning.job.checkpoint",
      "created_at": JSONValue(event.createdAt),
      "fine_tuned_model_checkpoint": .string("\(event.jobID):step-\(step)"),
      "fine_tuning_job_id": .string(event.jobID),
      "step_number": JSONValue(step),
      "metrics": [
        "step": JSONValue(step),
        "train_loss": data["train_loss"] ?? .null,
        "train_mean_token_accuracy": data["train_accuracy"] ?? .null,
        "valid_loss": data["valid_loss"] ?? .null,
        "valid_mean_token_accuracy": data["valid_accuracy"] ?? .null,
        "full_valid_loss": data["valid_loss"] ?? .null,
        "full_valid_mean_token_accuracy": data["valid_accuracy"] ?? .null,
      ],
    ]
  }
}

import GraphIR
import Storage
import Tensors

extension ModelManifest {
  /// Checks the key `reinforcement`, and that a model of task `q-values` has what its routes need.
  ///
  /// - Throws: `FormatError` naming the key, what stands there and what may.
  func validateReinforcement() throws(FormatError) {
    if let reinforcement { try validate(reinforcement) }
    guard isQValueModel else { return }
    guard graphs["main"] != nil else {
      throw refuse("task '\(task)' needs the key graphs.main")
    }
    try validateObservation()
    try validateActions()
  }

  private func refuse(_ detail: String) -> FormatError { FormatError("model.json", detail) }

  // MARK: - What the task needs

  private func validateObservation() throws(FormatError) {
    guard signature.inputs.count == 1, let input = signature.inputs.first else {
      throw refuse(
        "task '\(task)' has one input, the observation; the signature has \(signature.inputs.count)"
      )
    }
    let sizes = input.shape?.dropFirst().map(\.size)
    switch input.dtype {
    case .int64 where input.shape?.count == 1: break
    case .float32 where sizes.map { !$0.isEmpty && $0.allSatisfy { $0 != nil } } ?? false: break
    default:
      throw refuse(
        "task '\(task)': input '\(input.name)' is \(Self.text(input)), expected float32 [N,D] with known sizes behind N, or int64 [N]"
      )
    }
    try validateObservationKeys(numbers: try numbersPerObservation(input), of: input)
  }

  private func numbersPerObservation(_ input: TensorType) throws(FormatError) -> Int {
    do {
      let sizes = (input.shape ?? []).dropFirst().map { $0.size ?? 1 }
      return try Shape(validating: sizes).elementCount
    } catch {
      throw refuse("input '\(input.name)': \(error)")
    }
  }

  private func validateObservationKeys(
    numbers: Int,
    of input: TensorType
  ) throws(FormatError) {
    let counts = [
      ("fields", reinforcement?.fields?.count), ("low", reinforcement?.low?.count),
      ("high", reinforcement?.high?.count),
    ]
    for (key, count) in counts {
      guard let count, count != numbers else { continue }
      throw refuse(
        "reinforcement.\(key) has \(count) entries, an observation of input '\(input.name)' has \(numbers)"
      )
    }
  }

  private func validateActions() throws(FormatError) {
    guard let labels, !labels.isEmpty else {
      throw refuse("task '\(task)' needs the key labels: the names of its actions")
    }
    guard labels.count <= ReinforcementFormat.actionsMax, Set(labels).count == labels.count else {
      throw refuse(
        "task '\(task)': labels has \(labels.count) actions, \(Set(labels).count) of them different; at most \(ReinforcementFormat.actionsMax), each once"
      )
    }
    guard roles["q_values"] != nil else {
      throw refuse("task '\(task)' needs the key roles.q_values")
    }
    guard (roles["state_value"] == nil) == (roles["advantage"] == nil) else {
      throw refuse("roles has one of state_value and advantage; a dueling network has both")
    }
    let outputs = [("q_values", labels.count), ("advantage", labels.count), ("state_value", 1)]
    for (role, width) in outputs {
      guard let name = roles[role],
        let output = signature.outputs.first(where: { $0.name == name })
      else { continue }
      guard output.dtype == .float32, output.shape?.count == 2,
        output.shape?.last?.size ?? width == width
      else {
        throw refuse(
          "roles.\(role): output '\(name)' is \(Self.text(output)), expected float32 [N,\(width)]\(width == 1 ? "" : " as there are \(labels.count) labels")"
        )
      }
    }
  }

  private static func text(_ field: TensorType) -> String {
    let sizes = field.shape?.map { dimension in
      switch dimension {
      case .known(let size): "\(size)"
      case .symbol(let name): name
      case .unknown: "?"
      }
    }
    return "\(field.dtype) \(sizes.map { "[\($0.joined(separator: ","))]" } ?? "of unknown rank")"
  }

  // MARK: - reinforcement

  private func validate(_ format: ReinforcementFormat) throws(FormatError) {
    if let environment = format.environment, !Self.isValidName(environment) {
      throw refuse(
        "reinforcement.environment '\(environment)'; allowed are 1 to 128 of A-Z a-z 0-9 . _ - without a leading dot"
      )
    }
    if let fields = format.fields {
      guard fields.allSatisfy({ !$0.isEmpty }), Set(fields).count == fields.count else {
        throw refuse("reinforcement.fields has an empty name or one twice: \(fields.prefix(16))")
      }
    }
    // Comparisons are false also where one side is not a number.
    guard format.discount >= 0, format.discount <= 1 else {
      throw refuse("reinforcement.discount is \(format.discount), expected 0 to 1")
    }
    guard (1...ReinforcementFormat.stepsMax).contains(format.steps) else {
      throw refuse(
        "reinforcement.steps is \(format.steps), expected 1 to \(ReinforcementFormat.stepsMax)"
      )
    }
    for (index, (low, high)) in zip(format.low ?? [], format.high ?? []).enumerated() {
      guard let low, let high else { continue }
      guard low <= high else {
        throw refuse("reinforcement: low[\(index)] \(low) is above high[\(index)] \(high)")
      }
    }
  }
}

package import ONNXFormat
import Tensors

/// What a version that answers with the value of every action means by its input and its outputs.
package struct QValueFormat: Sendable, Equatable {
  /// Names of the actions, in the order of the Q-values.
  package let actions: [String]
  /// Names of an observation's numbers, in their order; nil where they have none.
  package let fields: [String]?
  /// Sizes of one observation; empty for the number of a state.
  package let sizes: [Int]
  /// The states that there are, for a model of numbered states.
  package let states: ClosedRange<Int64>?
  /// Positions of the outputs in the signature.
  package let outputs: Outputs
  /// What the model was trained for; all defaults where model.json does not say.
  package let training: ModelManifest.ReinforcementFormat

  /// Which output is what.
  package struct Outputs: Sendable, Equatable {
    /// Q(s,a), [N,A].
    package let values: Int
    /// V(s), [N,1], and Q(s,a) - V(s) up to a constant, [N,A]; of a dueling network.
    package let dueling: Dueling?

    package struct Dueling: Sendable, Equatable {
      package let stateValue: Int
      package let advantage: Int
    }
  }

  /// Numbers in one observation.
  package var count: Int { sizes.reduce(1, *) }

  /// - Parameters:
  ///   - manifest: A validated one, of task `q-values`.
  ///   - signature: Of its graph.
  ///   - stateCount: How many states the graph has values for, where it tells.
  /// - Throws: `ServiceError` where the graph is not what the manifest says.
  package init(
    _ manifest: ModelManifest,
    _ signature: ModelSignature,
    stateCount: Int? = nil
  ) throws(ServiceError) {
    guard let input = signature.inputs.first, signature.inputs.count == 1 else {
      throw .invalid("the graph has \(signature.inputs.count) inputs, expected one observation")
    }
    guard let sizes = input.sizes?.dropFirst(), !sizes.contains(nil),
      input.dtype == .float32 && !sizes.isEmpty || input.dtype == .int64 && sizes.isEmpty
    else {
      throw .invalid(
        "input '\(input.name)' is \(input.dtype) \(input.shapeText), expected float32 [N,D] or int64 [N]"
      )
    }
    guard signature.batching == .anyCount else {
      throw .invalid("the first dimension of inputs and outputs does not count rows, as [N,D] does")
    }
    self.sizes = sizes.compactMap { $0 }
    actions = manifest.labels ?? []
    training = manifest.reinforcement ?? ModelManifest.ReinforcementFormat()
    fields = training.fields
    outputs = try Self.outputs(manifest, signature, actionCount: actions.count)
    states = input.dtype == .int64 ? try Self.states(training, stateCount) : nil
  }

  private static func outputs(
    _ manifest: ModelManifest,
    _ signature: ModelSignature,
    actionCount: Int
  ) throws(ServiceError) -> Outputs {
    func position(_ role: String, _ width: Int) throws(ServiceError) -> Int? {
      guard let name = manifest.roles[role] else { return nil }
      guard let index = signature.outputs.firstIndex(where: { $0.name == name }),
        signature.outputs[index].dtype == .float32, signature.outputs[index].sizes?.count == 2,
        signature.outputs[index].sizes?.last == width
      else {
        throw .invalid("role \(role): output '\(name)' of the graph is not float32 [N,\(width)]")
      }
      return index
    }
    guard let values = try position("q_values", actionCount) else {
      throw .invalid("model.json names no output of role q_values")
    }
    var dueling: Outputs.Dueling?
    if let stateValue = try position("state_value", 1),
      let advantage = try position("advantage", actionCount)
    {
      dueling = .init(stateValue: stateValue, advantage: advantage)
    }
    return Outputs(values: values, dueling: dueling)
  }

  private static func states(
    _ format: ModelManifest.ReinforcementFormat,
    _ stateCount: Int?
  ) throws(ServiceError) -> ClosedRange<Int64> {
    let low = format.low?.first.flatMap { $0 }.map { Int64(exactly: $0) } ?? 0
    let high =
      format.high?.first.flatMap { $0 }.map { Int64(exactly: $0) }
      ?? stateCount.map { Int64($0) - 1 }
    guard let low, let high, low <= high else {
      throw .invalid(
        "model.json does not say which states there are: reinforcement.low and .high are their first and last number"
      )
    }
    return low...high
  }
}

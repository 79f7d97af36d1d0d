import ONNXFormat

/// Reads the `parameters` of a request strictly: a range for each, and none that the task has no use for.
struct SequenceParameterReader {
  let task: SequenceTask
  /// Tokens or numbers of the model's longest answer.
  let answerLengthMax: Int
  let limits: ServiceLimits

  /// Largest temperature: by then all tokens are all but equally likely.
  static let temperatureMax = 100.0
  /// Largest number of tokens to draw among: more than any vocabulary has.
  static let topKMax = 1_000_000
  /// Largest seed: a JSON number is exact up to here.
  static let seedMax = 1 << 53 - 1
  /// What text is drawn with where a request does not say; other tasks take the most likely token.
  static let textTemperature: Float = 1

  /// A parameter and what it is for.
  private enum Name: String, CaseIterable {
    case maxLength = "max_length"
    case temperature
    case topK = "top_k"
    case topP = "top_p"
    case seed
    case beamWidth = "beam_width"
    case bestCount = "n_best"
    case stop
    case steps

    func isTaken(by task: SequenceTask) -> Bool {
      self == .steps ? task == .forecasting : task.hasTargetText
    }
  }

  /// Reads the object.
  ///
  /// - Parameter value: nil for no parameters at all.
  /// - Returns: The parameters with all defaults, a seed among them.
  /// - Throws: `ServiceError` 400 that names the parameter, what is expected and what was found.
  func read(_ value: JSONValue?) throws(ServiceError) -> SequenceParameters {
    do throws(AdminError) {
      var members = try JSONMembers(value ?? .object([]), path: "parameters")
      try refuseOthers(value)
      var parameters = SequenceParameters()
      if task.hasTargetText { try readText(&members, &parameters) }
      if task == .forecasting {
        parameters.steps = try members.integer("steps", in: 1...max(1, answerLengthMax))
      }
      try members.finish()
      return parameters
    } catch {
      throw .invalid(error.message)
    }
  }

  /// Refuses what another task takes, by name, before anything is said about values.
  private func refuseOthers(_ value: JSONValue?) throws(AdminError) {
    for name in Name.allCases where !name.isTaken(by: task) && value?[name.rawValue] != nil {
      let taken = Name.allCases.filter { $0.isTaken(by: task) }.map(\.rawValue)
      throw .invalid(
        "'parameters.\(name.rawValue)' has no meaning for a model of task \(task.rawValue), which takes \(taken.isEmpty ? "no parameters" : taken.joined(separator: ", "))"
      )
    }
  }

  private func readText(
    _ members: inout JSONMembers,
    _ parameters: inout SequenceParameters
  ) throws(AdminError) {
    parameters.maxLength = try members.integer("max_length", in: 1...max(1, answerLengthMax))
    let temperature = try members.number("temperature", in: 0...Self.temperatureMax)
    parameters.topK = try members.integer("top_k", in: 1...Self.topKMax)
    parameters.topP = try topP(&members)
    let seed = try members.integer("seed", in: 0...Self.seedMax)
    parameters.beamWidth = try members.integer("beam_width", in: 1...limits.beamWidth) ?? 1
    parameters.bestCount = try members.integer("n_best", in: 1...limits.beamWidth) ?? 1
    parameters.stop = try stops(&members)
    guard parameters.bestCount <= parameters.beamWidth else {
      throw .invalid(
        "'parameters.n_best' is \(parameters.bestCount), more than 'parameters.beam_width', which is \(parameters.beamWidth)"
      )
    }
    let draws = temperature.map { $0 > 0 } ?? false
    guard
      parameters.beamWidth == 1
        || !draws && parameters.topK == nil && parameters.topP == nil && seed == nil
    else {
      throw .invalid(
        "'parameters.beam_width' above 1 searches for the most likely text and draws nothing: leave temperature, top_k, top_p and seed out"
      )
    }
    if parameters.beamWidth == 1 {
      parameters.temperature = temperature.map(Float.init) ?? defaultTemperature(parameters, seed)
    }
    parameters.seed = seed.map(UInt64.init) ?? UInt64.random(in: 0...UInt64(Self.seedMax))
  }

  /// Who asks for something that only drawing has wants to draw.
  private func defaultTemperature(_ parameters: SequenceParameters, _ seed: Int?) -> Float {
    let draws = parameters.topK != nil || parameters.topP != nil || seed != nil
    return task == .textGeneration || draws ? Self.textTemperature : 0
  }

  private func topP(_ members: inout JSONMembers) throws(AdminError) -> Float? {
    guard let value = try members.number("top_p", in: 0...1) else { return nil }
    // A positive number may still be 0 as a Float.
    guard Float(value) > 0 else {
      throw members.error("top_p", expected: "above 0 and at most 1", found: .number(value))
    }
    return Float(value)
  }

  /// Reads a string or a list of strings.
  private func stops(_ members: inout JSONMembers) throws(AdminError) -> [String] {
    var texts: [String] = []
    let value = members.take("stop")
    let expected =
      "a string or a list of at most \(limits.stopTexts) strings of 1 to \(limits.stopBytes) bytes"
    switch value {
    case nil: return []
    case .string(let text): texts = [text]
    case .array(let elements):
      for element in elements {
        guard let text = element.text else {
          throw members.error("stop", expected: expected, found: element)
        }
        texts.append(text)
      }
    case .some(let other): throw members.error("stop", expected: expected, found: other)
    }
    guard texts.count <= limits.stopTexts,
      texts.allSatisfy({ !$0.isEmpty && $0.utf8.count <= limits.stopBytes })
    else {
      throw .invalid("'parameters.stop' must be \(expected)", parameter: "parameters.stop")
    }
    return texts
  }
}

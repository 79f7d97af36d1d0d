import Tensors

/// Axes and directions of a Scan; where a list is empty every entry is 0 or forward.
package struct ScanOptions: Sendable {
  package var inputAxes: [Int] = []
  package var isInputReversed: [Bool] = []
  package var outputAxes: [Int] = []
  package var isOutputReversed: [Bool] = []

  package init(
    inputAxes: [Int] = [],
    isInputReversed: [Bool] = [],
    outputAxes: [Int] = [],
    isOutputReversed: [Bool] = []
  ) {
    self.inputAxes = inputAxes
    self.isInputReversed = isInputReversed
    self.outputAxes = outputAxes
    self.isOutputReversed = isOutputReversed
  }

  /// The attributes of a Scan node.
  package var attributes: [String: Attribute] {
    var result: [String: Attribute] = [:]
    if !inputAxes.isEmpty { result["scan_input_axes"] = .ints(inputAxes) }
    if !outputAxes.isEmpty { result["scan_output_axes"] = .ints(outputAxes) }
    if !isInputReversed.isEmpty {
      result["scan_input_directions"] = .ints(isInputReversed.map { $0 ? 1 : 0 })
    }
    if !isOutputReversed.isEmpty {
      result["scan_output_directions"] = .ints(isOutputReversed.map { $0 ? 1 : 0 })
    }
    return result
  }
}

extension Graph {
  /// Adds a Scan: `body` once for each slice of `inputs`.
  ///
  /// The body's placeholders are the states, the slices and the captured values in this order, its outputs the new states and the slices of
  /// the scan outputs.
  ///
  /// - Returns: the final states and the scan outputs.
  /// - Throws: `GraphError` where body and operands do not fit.
  package mutating func scan(
    _ body: Graph,
    states: [ValueID],
    inputs: [ValueID],
    captures: [ValueID] = [],
    options: ScanOptions = ScanOptions(),
    name: String? = nil
  ) throws(GraphError) -> [ValueID] {
    var attributes = options.attributes
    attributes["body"] = .graph(body)
    attributes["num_scan_inputs"] = .int(inputs.count)
    attributes[Node.capturesAttribute] = .int(captures.count)
    return try apply(
      "Scan",
      states + inputs + captures,
      attributes,
      name: name,
      outputCount: body.outputs.count
    ).compactMap { $0 }
  }

  /// Adds a Loop.
  ///
  /// The body's placeholders are the step's number, the condition, the carried and the captured values, its outputs whether to go on, the new
  /// carried values and the slices of the scan outputs.
  ///
  /// - Returns: the final carried values and the scan outputs.
  /// - Throws: `GraphError` where body and operands do not fit.
  package mutating func loop(
    _ body: Graph,
    tripCount: ValueID?,
    condition: ValueID? = nil,
    carried: [ValueID],
    captures: [ValueID] = [],
    name: String? = nil
  ) throws(GraphError) -> [ValueID] {
    try apply(
      "Loop",
      [tripCount, condition] + carried + captures,
      ["body": .graph(body), Node.capturesAttribute: .int(captures.count)],
      name: name,
      outputCount: body.outputs.count - 1
    ).compactMap { $0 }
  }

  /// Adds an If, whose branches have one placeholder for each of `captures`.
  ///
  /// - Throws: `GraphError` where the branches do not fit.
  package mutating func choice(
    _ condition: ValueID,
    then thenBranch: Graph,
    else elseBranch: Graph,
    captures: [ValueID] = [],
    name: String? = nil
  ) throws(GraphError) -> [ValueID] {
    try apply(
      "If",
      [condition] + captures,
      ["then_branch": .graph(thenBranch), "else_branch": .graph(elseBranch)],
      name: name,
      outputCount: thenBranch.outputs.count
    ).compactMap { $0 }
  }
}

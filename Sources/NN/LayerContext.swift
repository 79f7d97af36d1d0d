package import GraphIR
package import Tensors

/// What a network is being built for: some layers behave differently.
package enum BuildMode: Sendable, Hashable {
  /// Dropout drops, batch normalisation uses the batch's statistics and updates the moving ones.
  case training
  /// A pure function of the input.
  case inference
}

/// A graph under construction, with what layers need beside it: names, seeds, the mode and the updates that a training step must run.
///
/// Building the same architecture twice, once for each mode, gives variables the same names, so weights move between the two graphs by
/// name. A variable's initial value depends on the seed and its name only.
package struct LayerContext: Sendable {
  package var graph: Graph
  package let mode: BuildMode
  /// Seeds every initial value.
  package let seed: UInt64
  /// False gives every variable zeros: for a graph whose weights come from elsewhere.
  package let drawsInitialValues: Bool
  /// Values to fetch with every training step so that their effect happens (moving statistics).
  package private(set) var updates: [ValueID] = []
  /// The variables that weight decay applies to: weights, not biases or normalisation parameters.
  package private(set) var decayedVariables: [ValueID] = []

  private var scopes: [String] = []

  package init(
    graph: Graph = Graph(),
    mode: BuildMode,
    seed: UInt64 = 0,
    drawsInitialValues: Bool = true
  ) {
    self.graph = graph
    self.mode = mode
    self.seed = seed
    self.drawsInitialValues = drawsInitialValues
  }

  /// Runs `body` with `name/` before the names that it gives.
  package mutating func scoped<Result>(
    _ name: String,
    _ body: (inout LayerContext) throws(GraphError) -> Result
  ) throws(GraphError) -> Result {
    scopes.append(name)
    defer { scopes.removeLast() }
    return try body(&self)
  }

  /// The full name of something in the present scope.
  package func scopedName(_ name: String) -> String {
    (scopes + [name]).joined(separator: "/")
  }

  /// Adds a float32 variable whose initial value is drawn for its full name.
  ///
  /// `isTrainable` is false for state such as moving statistics; weight decay applies where `isDecayed`.
  ///
  /// - Throws: `GraphError.duplicateName` where the scope has such a variable already.
  package mutating func variable(
    _ name: String,
    _ shape: Shape,
    _ initializer: Initializer,
    isTrainable: Bool = true,
    isDecayed: Bool = false
  ) throws(GraphError) -> ValueID {
    let initial =
      drawsInitialValues
      ? initializer.tensor(shape, seed: seed, name: scopedName(name))
      : Tensor(zeros: .float32, shape)
    return try variable(name, initial: initial, isTrainable: isTrainable, isDecayed: isDecayed)
  }

  /// Adds a variable with a given initial value, as pre-trained vectors; zeros like it in a graph that draws no initial values.
  ///
  /// - Throws: `GraphError.duplicateName` where the scope has such a variable already.
  package mutating func variable(
    _ name: String,
    initial: Tensor,
    isTrainable: Bool = true,
    isDecayed: Bool = false
  ) throws(GraphError) -> ValueID {
    let start = drawsInitialValues ? initial : Tensor(zeros: initial.dtype, initial.shape)
    let id = try graph.variable(scopedName(name), start, trainable: isTrainable)
    if isDecayed { decayedVariables.append(id) }
    return id
  }

  /// Makes weight decay apply to a variable that the graph had before, as one read from a file.
  package mutating func decay(_ variable: ValueID) { decayedVariables.append(variable) }

  /// Adds a node with one output, named in the present scope.
  package mutating func apply(
    _ op: OperatorName,
    _ inputs: ValueID?...,
    attributes: [String: Attribute] = [:],
    name: String? = nil
  ) throws(GraphError) -> ValueID {
    try graph.apply1(
      op,
      inputs,
      attributes,
      name: graph.freshName(scopedName(name ?? op.name))
    )
  }

  /// Makes every training step store `value` in `variable`.
  package mutating func update(
    _ variable: ValueID,
    to value: ValueID
  ) throws(GraphError) {
    updates.append(try graph.apply1(.martlet("Assign"), [variable, value]))
  }

  /// A float32 scalar constant.
  package mutating func scalar(_ number: Float) throws(GraphError) -> ValueID {
    try graph.constant(Tensor(scalar: number))
  }

  /// An int64 vector constant.
  package mutating func vector(_ numbers: [Int]) throws(GraphError) -> ValueID {
    try graph.constant(Tensor(vector: numbers.map(Int64.init)))
  }

  /// A known dimension of a value.
  ///
  /// - Throws: `GraphError.invalid` naming the value, its shape and what needs the size.
  package func size(
    of value: ValueID,
    axis: Int,
    for purpose: String
  ) throws(GraphError) -> Int {
    let type = graph[value].type
    guard let dimensions = type.shape.dimensions, dimensions.indices.contains(axis),
      let size = dimensions[axis].size
    else {
      throw .invalid(
        "\(scopedName(purpose)): dimension \(axis) of \(graph[value].name) (\(type)) must be known"
      )
    }
    return size
  }
}

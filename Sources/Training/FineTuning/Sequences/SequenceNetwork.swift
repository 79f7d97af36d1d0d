package import GraphIR
package import Tensors

/// A sequence model as one graph for training: its encoder feeds its decoder, which reads whole targets (teacher forcing).
///
/// What the encoder gives goes to the decoder's inputs of the same names; a state that it does not give begins as zeros, [N, ...].
package struct SequenceNetwork: Sendable {
  /// Which inputs and outputs of graph `main` are what, by name.
  package struct Format: Sendable {
    /// Tokens int64 [N,T], or values float32 [N,T,1].
    package var input: String
    /// int32 [N]; of models that label.
    package var lengths: String?
    /// Inputs that read a state.
    package var states: [String]
    /// Inputs that the encoder gives, or that it reads itself.
    package var contexts: [String]
    /// Logits [N,T,V] or [N,L], or the next values [N,T,1].
    package var output: String

    package init(
      input: String,
      lengths: String? = nil,
      states: [String] = [],
      contexts: [String] = [],
      output: String
    ) {
      self.input = input
      self.lengths = lengths
      self.states = states
      self.contexts = contexts
      self.output = output
    }
  }

  /// The roles of graphs in a version.
  package enum Role {
    package static let main = "main"
    package static let encoder = "encoder"
  }

  /// Stands before the names of the encoder in the whole graph.
  static let encoderPrefix = "encoder/"

  /// The whole graph; its output is the decoder's.
  package let graph: Graph
  /// What examples feed: the inputs of the encoder in their order, then those of `main` that are left.
  package let inputs: [ValueID]
  package let layers: [ModelLayer]
  let output: ValueID
  private let graphs: [String: Graph]

  /// Joins the graphs of a version, which have variables for weights.
  ///
  /// - Throws: `FineTuningError.model` naming an input or output that is not there, or that nothing feeds; `GraphError`.
  package init(encoder: Graph?, main: Graph, _ format: Format) throws {
    var bindings: [String: ValueID] = [:]
    var graph: Graph?
    var inputs: [ValueID] = []
    if let encoder {
      var copy = GraphCopy(of: encoder, prefix: Self.encoderPrefix)
      for input in encoder.inputs {
        inputs.append(try copy.value(input))
        bindings[encoder[input].name] = inputs[inputs.count - 1]
      }
      try copy.addAll(for: encoder.outputs)
      for output in encoder.outputs { bindings[encoder[output].name] = try copy.value(output) }
      graph = copy.graph
    }
    var copy = GraphCopy(of: main, into: graph)
    let tokens = try Self.input(format.input, of: main)
    let first = try copy.value(tokens)
    inputs.append(first)
    var known: Set<ValueID> = [tokens]
    if let name = format.lengths {
      let lengths = try Self.input(name, of: main)
      inputs.append(try copy.value(lengths))
      known.insert(lengths)
    }
    for name in format.states + format.contexts {
      let input = try Self.input(name, of: main)
      known.insert(input)
      if let value = bindings[name] {
        copy.bind(input, to: value)
      } else if format.contexts.contains(name) {
        throw FineTuningError.model("nothing gives context '\(name)'")
      } else {
        copy.bind(input, to: try Self.zeros(like: input, rowsOf: first, to: &copy))
      }
    }
    if let open = main.inputs.first(where: { !known.contains($0) }) {
      throw FineTuningError.model("nothing feeds input '\(main[open].name)'")
    }
    guard let output = main.outputs.first(where: { main[$0].name == format.output }) else {
      throw FineTuningError.model("it has no output '\(format.output)'")
    }
    try copy.addAll(for: [output])
    self.output = try copy.value(output)
    copy.graph.outputs = [self.output]
    self.graph = copy.graph
    self.inputs = inputs
    graphs = [Role.main: main].merging(encoder.map { [Role.encoder: $0] } ?? [:]) { $1 }
    layers = ModelLayer.layers(of: self.graph, computing: self.output)
    guard !layers.isEmpty else {
      throw FineTuningError.model("nothing that computes '\(format.output)' is a weight")
    }
    for variable in self.graph.trainableVariables
    where self.graph[variable].type.dtype != .float32 {
      throw FineTuningError.model(
        "its weights \(self.graph[variable].name) are \(self.graph[variable].type.dtype); only float32 is trained"
      )
    }
  }

  private static func input(
    _ name: String,
    of graph: Graph
  ) throws(FineTuningError) -> ValueID {
    guard let id = graph.inputs.first(where: { graph[$0].name == name }) else {
      throw .model("it has no input '\(name)'")
    }
    return id
  }

  /// A state that nothing was read into: zeros with as many rows as `tokens` has.
  private static func zeros(
    like state: ValueID,
    rowsOf tokens: ValueID,
    to copy: inout GraphCopy
  ) throws -> ValueID {
    let value = copy.source[state]
    let sizes = value.type.shape.dimensions?.dropFirst().map(\.size) ?? []
    guard value.type.dtype == .float32, !sizes.isEmpty, !sizes.contains(nil) else {
      throw FineTuningError.model(
        "state '\(value.name)' is \(value.type); expected float32 with known sizes of a row"
      )
    }
    let row = Tensor(vector: sizes.compactMap { $0.map(Int64.init) })
    let rows = try copy.graph.apply1(
      "Shape",
      [tokens],
      ["start": .int(0), "end": .int(1)],
      name: copy.freshName("\(value.name)/rows")
    )
    let shape = try copy.graph.apply1(
      "Concat",
      [rows, copy.constant(row, near: "\(value.name)/row")],
      ["axis": .int(0)],
      name: copy.freshName("\(value.name)/shape")
    )
    return try copy.graph.apply1(
      "ConstantOfShape",
      [shape],
      [:],
      name: copy.freshName("\(value.name)/zeros")
    )
  }

  /// The graphs of a finished version, by role, ready to be written and served.
  ///
  /// - Throws: `GraphError.invalid` for a weight of another type or shape.
  package func servingGraphs(
    weights: [String: Tensor]
  ) throws(GraphError) -> [String: Graph] {
    var result: [String: Graph] = [:]
    for (role, graph) in graphs {
      let prefix = role == Role.encoder ? Self.encoderPrefix : ""
      result[role] = try graph.frozen(weights: weights, prefix: prefix)
    }
    return result
  }
}

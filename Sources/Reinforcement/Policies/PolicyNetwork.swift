package import GraphIR
package import NN
package import Tensors
import Training

/// A network that scores actions: dense layers with tanh between them; without hidden layers a linear policy.
package struct PolicyNetwork: Sendable, Equatable {
  /// Numbers in an observation, D.
  package var observationSize: Int
  /// A.
  package var actionCount: Int
  /// Units of the hidden layers.
  package var hidden: [Int]

  /// A dense layer: its variables are `<name>/weight` [inputs, outputs] and `<name>/bias` [outputs].
  package struct Layer: Sendable {
    package let name: String
    package let inputs: Int
    package let outputs: Int
  }

  package init(observationSize: Int, actionCount: Int, hidden: [Int]) {
    self.observationSize = observationSize
    self.actionCount = actionCount
    self.hidden = hidden
  }

  /// A network for an environment.
  package init(for specification: EnvironmentSpecification, hidden: [Int]) {
    self.init(
      observationSize: specification.observation.count,
      actionCount: specification.actions.count,
      hidden: hidden
    )
  }

  /// From first to last.
  package var layers: [Layer] {
    let sizes = [observationSize] + hidden + [actionCount]
    return (1..<sizes.count).map { index in
      let name = index == sizes.count - 1 ? "actions" : "hidden\(index)"
      return Layer(name: name, inputs: sizes[index - 1], outputs: sizes[index])
    }
  }

  /// Adds the layers: observations [N, D] to logits [N, A].
  ///
  /// - Throws: `GraphError.invalid` where the last dimension of the observations is not known.
  package func logits(
    of observations: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    var x = observations
    for layer in layers.dropLast() {
      x = try Dense(layer.name, layer.outputs, activation: .tanh)(x, in: &context)
    }
    // Small scores at first: every action is tried.
    let scores = Dense("actions", actionCount, weightInitializer: .uniform(low: -0.01, high: 0.01))
    return try scores(x, in: &context)
  }

  /// Adds the placeholder of observations.
  func observations(in context: inout LayerContext) throws(GraphError) -> ValueID {
    try context.graph.placeholder(
      "observation",
      .float32,
      [.symbol("N"), .known(observationSize)]
    )
  }

  /// `observation` [N, D] to `logits` and `probabilities` [N, A], a classifier of actions.
  ///
  /// - Parameter weights: by name of variable.
  /// - Returns: the graph; its weights are variables.
  /// - Throws: `TrainingError.checkpoint` for a variable without a value, `GraphError` for one of another shape.
  package func servingGraph(weights: [String: Tensor]) throws -> Graph {
    var context = LayerContext(
      graph: Graph(name: "policy"),
      mode: .inference,
      drawsInitialValues: false
    )
    let logits = try logits(of: observations(in: &context), in: &context)
    let probabilities = try Activation.softmax(logits, in: &context)
    try context.graph.rename(logits, to: "logits")
    try context.graph.rename(probabilities, to: "probabilities")
    context.graph.outputs = [logits, probabilities]
    for variable in context.graph.variables {
      let name = context.graph[variable].name
      guard let value = weights[name] else {
        throw TrainingError.checkpoint("no weights for \(name)")
      }
      try context.graph.setInitialValue(of: variable, to: value)
    }
    return context.graph
  }
}

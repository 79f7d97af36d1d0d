import Autodiff
package import GraphIR
package import NN
import Tensors

/// A graph of which one run is one optimisation step.
package struct TrainingGraph: Sendable {
  package let graph: Graph
  /// Placeholders for the columns of the examples, in their order.
  package let inputs: [ValueID]
  /// The scalar that training lowers, the mean over the batch.
  package let loss: ValueID
  /// The number of right answers in the batch, where there is such a thing.
  package let correct: ValueID?
  /// Fetched so that the step happens.
  package let updates: [ValueID]
  /// The float32 scalar placeholder of the learning rate.
  package let learningRate: ValueID

  /// Adds gradients and updates to a network with a loss.
  ///
  /// - Parameters:
  ///   - context: the network, built in `.training` mode.
  ///   - inputs: placeholders for the columns of the examples.
  ///   - loss: a scalar.
  ///   - correct: as from `Metrics.correctCount`.
  ///   - optimizer: makes the updates.
  ///   - clipping: bounds the gradients first.
  ///   - variables: what to train; all trainable variables when `nil` (a part of them for transfer learning).
  /// - Throws: `GraphError` where the loss cannot be differentiated.
  package init(
    _ context: LayerContext,
    inputs: [ValueID],
    loss: ValueID,
    correct: ValueID? = nil,
    optimizer: any Optimizer,
    clipping: GradientClipping = .none,
    variables: [ValueID]? = nil
  ) throws(GraphError) {
    var graph = context.graph
    let trained = variables ?? graph.trainableVariables
    let gradients = try graph.gradients(of: loss, withRespectTo: trained)
    let decayed = Set(context.decayedVariables)
    var parameters = zip(trained, gradients).map {
      TrainedParameter(variable: $0, gradient: $1, isDecayed: decayed.contains($0))
    }
    let rate = try graph.placeholder("learning_rate", .float32, [])
    let scale = try clipping.apply(to: &parameters, in: &graph)
    let updates = try optimizer.addUpdates(
      of: parameters,
      rate: rate,
      scale: scale,
      to: &graph
    )
    self.graph = graph
    self.inputs = inputs
    self.loss = loss
    self.correct = correct
    self.updates = updates + context.updates
    learningRate = rate
  }
}

/// A graph that measures a model on labelled examples without changing it.
package struct EvaluationGraph: Sendable {
  package let graph: Graph
  package let inputs: [ValueID]
  package let loss: ValueID
  package let correct: ValueID?
  /// Run with every batch: they carry state from one to the next.
  let updates: [ValueID]
  /// The variables that hold carried state.
  let carried: Set<ValueID>

  /// Takes a network built in `.inference` mode; its variables get the values of the training graph's of the same names.
  package init(
    _ context: LayerContext,
    inputs: [ValueID],
    loss: ValueID,
    correct: ValueID? = nil
  ) {
    graph = context.graph
    self.inputs = inputs
    self.loss = loss
    self.correct = correct
    updates = context.updates
    let graph = context.graph
    carried = Set(
      updates.compactMap { update in
        // An update is an Assign, whose first operand is the variable.
        guard case .output(let node, _) = graph[update].source else { return nil }
        return graph[node].inputs.first ?? nil
      }
    )
  }
}

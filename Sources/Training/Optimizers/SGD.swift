package import GraphIR

/// Stochastic gradient descent, w -= rate (g + decay w).
package struct SGD: Optimizer {
  package let name = "sgd"
  package var decay: Float

  package init(decay: Float = 0) { self.decay = decay }

  package func addUpdates(
    of parameters: [TrainedParameter],
    rate: ValueID,
    scale: ValueID?,
    to graph: inout Graph
  ) throws(GraphError) -> [ValueID] {
    var updates: [ValueID] = []
    for parameter in parameters {
      updates.append(
        try update(
          "SGDUpdate",
          [parameter.variable, parameter.gradient, rate],
          scale,
          ["decay": .float(parameter.isDecayed ? decay : 0)],
          in: &graph
        )
      )
    }
    return updates
  }
}

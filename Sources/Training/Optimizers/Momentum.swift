package import GraphIR

/// Gradient descent with a velocity v = momentum v + g' in PyTorch's form, where g' = g + decay w: w -= rate v, or for Nesterov's variant
/// w -= rate (g' + momentum v).
package struct Momentum: Optimizer {
  package var name: String { isNesterov ? "nesterov" : "momentum" }
  package var momentum: Float
  package var isNesterov: Bool
  package var decay: Float

  package init(_ momentum: Float = 0.9, isNesterov: Bool = false, decay: Float = 0) {
    self.momentum = momentum
    self.isNesterov = isNesterov
    self.decay = decay
  }

  package func addUpdates(
    of parameters: [TrainedParameter],
    rate: ValueID,
    scale: ValueID?,
    to graph: inout Graph
  ) throws(GraphError) -> [ValueID] {
    var updates: [ValueID] = []
    for parameter in parameters {
      let velocity = try state("v", for: parameter.variable, in: &graph)
      updates.append(
        try update(
          "MomentumUpdate",
          [parameter.variable, parameter.gradient, velocity, rate],
          scale,
          [
            "momentum": .float(momentum), "nesterov": .int(isNesterov ? 1 : 0),
            "decay": .float(parameter.isDecayed ? decay : 0),
          ],
          in: &graph
        )
      )
    }
    return updates
  }
}

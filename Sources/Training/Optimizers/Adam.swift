package import GraphIR
import Tensors

/// Adam (Kingma & Ba 2014, algorithm 1), or AdamW (Loshchilov & Hutter 2017) where the decay is decoupled from the moments.
///
/// m = beta1 m + (1 - beta1) g', v = beta2 v + (1 - beta2) g'^2, w -= rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon).
/// Coupled decay: g' = g + decay w. Decoupled: g' = g, and w -= rate decay w first.
package struct Adam: Optimizer {
  package var name: String { isDecoupled ? "adamw" : "adam" }
  package var beta1: Float
  package var beta2: Float
  package var epsilon: Float
  package var decay: Float
  package var isDecoupled: Bool

  package init(
    beta1: Float = 0.9,
    beta2: Float = 0.999,
    epsilon: Float = 1e-8,
    decay: Float = 0,
    isDecoupled: Bool = false
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.decay = decay
    self.isDecoupled = isDecoupled
  }

  /// Adam with decoupled weight decay.
  package static func adamW(decay: Float = 0.01) -> Adam { Adam(decay: decay, isDecoupled: true) }

  package func addUpdates(
    of parameters: [TrainedParameter],
    rate: ValueID,
    scale: ValueID?,
    to graph: inout Graph
  ) throws(GraphError) -> [ValueID] {
    // The count of steps is a variable too, so that a checkpoint holds it.
    let count = try graph.variable(
      "\(name)/step",
      Tensor(scalar: Int64(0)),
      trainable: false
    )
    let one = try graph.constant(Tensor(scalar: Int64(1)))
    let step = try graph.apply1("Add", [count, one])
    var updates = [try graph.apply1(.martlet("Assign"), [count, step])]
    for parameter in parameters {
      let m = try state("m", for: parameter.variable, in: &graph)
      let v = try state("v", for: parameter.variable, in: &graph)
      updates.append(
        try update(
          "AdamUpdate",
          [parameter.variable, parameter.gradient, m, v, rate, step],
          scale,
          [
            "beta1": .float(beta1), "beta2": .float(beta2), "epsilon": .float(epsilon),
            "decay": .float(parameter.isDecayed ? decay : 0),
            "decoupled": .int(isDecoupled ? 1 : 0),
          ],
          in: &graph
        )
      )
    }
    return updates
  }
}

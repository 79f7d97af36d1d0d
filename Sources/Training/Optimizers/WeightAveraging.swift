package import GraphIR
import NN
import Tensors

/// An optimiser that also keeps an exponential moving average of what it trains (Polyak averaging; as in Kingma & Ba 2014, section 7.2).
///
/// a = d a + (1 - d) w with d = min(decay, (1 + t) / (10 + t)) after t steps, so that the initial values are forgotten soon; w is the
/// variable before the step. The average of `x` is the variable `average/x`: a network that is built in the scope `average` has its
/// weights.
package struct WeightAveraging: Optimizer {
  /// The scope of the averages.
  package static let scope = "average"

  package var name: String { optimizer.name }
  package var optimizer: any Optimizer
  /// The largest d, below 1.
  package var decay: Float

  package init(_ optimizer: any Optimizer, decay: Float) {
    self.optimizer = optimizer
    self.decay = decay
  }

  package func addUpdates(
    of parameters: [TrainedParameter],
    rate: ValueID,
    scale: ValueID?,
    to graph: inout Graph
  ) throws(GraphError) -> [ValueID] {
    var updates = try optimizer.addUpdates(of: parameters, rate: rate, scale: scale, to: &graph)
    func constant(_ number: Float, _ graph: inout Graph) throws(GraphError) -> ValueID {
      try graph.constant(Tensor(scalar: number))
    }
    let count = try graph.variable(
      "\(Self.scope)/step",
      Tensor(scalar: Float(0)),
      trainable: false
    )
    let one = try constant(1, &graph)
    let next = try graph.apply1("Add", [count, one])
    updates.append(try graph.apply1(.martlet("Assign"), [count, next]))
    let warm = try graph.apply1(
      "Div",
      [next, graph.apply1("Add", [count, constant(10, &graph)])]
    )
    let kept = try graph.apply1("Min", [warm, constant(decay, &graph)])
    let new = try graph.apply1("Sub", [one, kept])
    for parameter in parameters {
      let variable = graph[parameter.variable]
      guard let shape = variable.type.shape.concrete else {
        throw .invalid("\(variable.name) (\(variable.type)) is not a variable")
      }
      let average = try graph.variable(
        "\(Self.scope)/\(variable.name)",
        Tensor(zeros: variable.type.dtype, shape),
        trainable: false
      )
      let old = try graph.apply1("Mul", [average, kept])
      let share = try graph.apply1("Mul", [parameter.variable, new])
      let sum = try graph.apply1("Add", [old, share])
      updates.append(try graph.apply1(.martlet("Assign"), [average, sum]))
    }
    return updates
  }
}

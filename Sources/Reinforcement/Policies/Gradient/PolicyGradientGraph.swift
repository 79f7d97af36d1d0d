import GraphIR
import NN
import Tensors
import Training

/// The policy, its baseline and one step of learning, in one graph.
///
/// loss = -sum_i a_i log pi(action_i | observation_i) - c sum_i w_i H(pi(. | observation_i)) + 1/2 sum_i w_i (v(observation_i) - target_i)^2
/// for advantages a that have the weights w in them; w is 1 / steps for each step of the batch and 0 for rows that fill it up.
struct PolicyGradientGraph {
  let training: TrainingGraph
  /// float32 [N, D].
  let observation: ValueID
  /// int64 [N].
  let action: ValueID
  /// float32 [N] each.
  let advantage: ValueID
  let weight: ValueID
  let target: ValueID
  /// pi, [N, A].
  let probabilities: ValueID
  /// v, [N]; `nil` without that baseline.
  let values: ValueID?

  init(_ network: PolicyNetwork, _ options: PolicyGradientOptions) throws(GraphError) {
    var context = LayerContext(
      graph: Graph(name: "policy-gradient"),
      mode: .training,
      seed: options.seed
    )
    observation = try network.observations(in: &context)
    action = try context.graph.placeholder("action", .int64, ["N"])
    advantage = try context.graph.placeholder("advantage", .float32, ["N"])
    weight = try context.graph.placeholder("weight", .float32, ["N"])
    target = try context.graph.placeholder("target", .float32, ["N"])

    let logits = try network.logits(of: observation, in: &context)
    probabilities = try Activation.softmax(logits, in: &context)
    let logs = try Activation.logSoftmax(logits, in: &context)
    let columns = try context.apply("Unsqueeze", action, context.vector([1]))
    let taken = try context.apply("GatherElements", logs, columns, attributes: ["axis": .int(1)])
    let products = try context.apply(
      "Mul",
      context.apply("Squeeze", taken, context.vector([1])),
      advantage
    )
    var loss = try context.apply("Neg", Self.sum(products, &context))
    if options.entropyWeight > 0 {
      let rows = try context.apply(
        "ReduceSum",
        context.apply("Mul", probabilities, logs),
        context.vector([1]),
        attributes: ["keepdims": .int(0)]
      )
      let negative = try Self.sum(context.apply("Mul", rows, weight), &context)
      let term = try context.apply("Mul", negative, context.scalar(options.entropyWeight))
      loss = try context.apply("Add", loss, term)
    }
    if options.baseline == .value {
      let values = try Self.baseline(network, of: observation, &context)
      let errors = try context.apply("Sub", values, target)
      let squares = try context.apply("Mul", context.apply("Mul", errors, errors), weight)
      let term = try context.apply("Mul", Self.sum(squares, &context), context.scalar(0.5))
      loss = try context.apply("Add", loss, term)
      self.values = values
    } else {
      values = nil
    }
    training = try TrainingGraph(
      context,
      inputs: [observation, action, advantage, weight, target],
      loss: loss,
      optimizer: options.optimizer,
      clipping: options.clipping
    )
  }

  /// A network like the policy's with one output, [N].
  private static func baseline(
    _ network: PolicyNetwork,
    of observation: ValueID,
    _ context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try context.scoped("baseline") { (context: inout LayerContext) throws(GraphError) in
      var x = observation
      for layer in network.layers.dropLast() {
        x = try Dense(layer.name, layer.outputs, activation: .tanh)(x, in: &context)
      }
      // Expects nothing at first, so that it does no harm before it knows better.
      let value = try Dense("value", 1, weightInitializer: .zeros)(x, in: &context)
      return try context.apply("Squeeze", value, context.vector([1]))
    }
  }

  private static func sum(
    _ value: ValueID,
    _ context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try context.apply("ReduceSum", value, attributes: ["keepdims": .int(0)])
  }
}

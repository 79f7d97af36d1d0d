import GraphIR
import NN
import Tensors
import Training

/// One graph with the online network, its target network and a step of learning between them.
///
/// y = return + discount * q_target(next, a'), with a' the best action of the target network, or of the online one for double DQN;
/// error = q(observation, action) - y; loss = mean over the batch of weight * huber(error). No gradient flows into y.
struct DQNGraph {
  /// The scope of the target network's values.
  static let targetPrefix = "target/"

  /// The whole step; its inputs are those below, in their order.
  let training: TrainingGraph
  let observation: ValueID
  let action: ValueID
  let reward: ValueID
  let next: ValueID
  let discount: ValueID
  let weight: ValueID
  /// q(observation, action) - y, [N].
  let errors: ValueID
  /// q(observation), [N, A].
  let values: ValueID
  /// Makes the target network follow the online one.
  let targetUpdates: [ValueID]

  init(_ network: QNetwork, _ options: DQNOptions) throws {
    var online = GraphCopy(of: network.graph)
    observation = try online.value(network.observation)
    try online.addAll(for: [network.values])
    let values = try online.value(network.values)
    let variables = try network.trainedVariables.map { try online.value($0) }
    let type = network.graph[network.observation].type
    var graph = online.graph
    next = try graph.placeholder("next_observation", type.dtype, type.shape)
    action = try graph.placeholder("action", .int64, ["N"])
    reward = try graph.placeholder("return", .float32, ["N"])
    discount = try graph.placeholder("discount", .float32, ["N"])
    weight = try graph.placeholder("weight", .float32, ["N"])

    var target = GraphCopy(of: network.graph, into: graph, prefix: Self.targetPrefix)
    target.bind(network.observation, to: next)
    try target.addAll(for: [network.values])
    let targetValues = try target.value(network.values)
    let targetVariables = try network.trainedVariables.map { try target.value($0) }
    graph = target.graph

    var chooser = targetValues
    if options.isDouble {
      var second = GraphCopy(of: network.graph, into: graph, prefix: "next/")
      second.bind(network.observation, to: next)
      for variable in network.graph.variables {
        second.bind(variable, to: try online.value(variable))
      }
      try second.addAll(for: [network.values])
      chooser = try second.value(network.values)
      graph = second.graph
    }

    var context = LayerContext(graph: graph, mode: .training)
    let best: ValueID
    if options.isDouble {
      let chosen = try context.apply(
        "ArgMax",
        chooser,
        attributes: ["axis": .int(1), "keepdims": .int(0)]
      )
      best = try Self.value(of: chosen, in: targetValues, &context)
    } else {
      best = try context.apply(
        "ReduceMax",
        targetValues,
        context.vector([1]),
        attributes: ["keepdims": .int(0)]
      )
    }
    let y = try context.apply("Add", reward, context.apply("Mul", discount, best))
    let errors = try context.apply("Sub", Self.value(of: action, in: values, &context), y)
    let terms = try Loss.huberTerms(errors, delta: options.huberDelta, in: &context)
    var loss = try context.apply(
      "ReduceMean",
      context.apply("Mul", terms, weight),
      attributes: ["keepdims": .int(0)]
    )
    if options.conservatism > 0 {
      // log sum exp q - q(a) is the cross-entropy of the action with the values as logits.
      let excess = try Loss.softmaxCrossEntropy(logits: values, labels: action, in: &context)
      loss = try context.apply(
        "Add",
        loss,
        context.apply("Mul", excess, context.scalar(options.conservatism))
      )
    }
    graph = context.graph
    var updates: [ValueID] = []
    for (variable, follower) in zip(variables, targetVariables) {
      let value =
        switch options.target {
        case .hard: variable
        case .soft(let tau):
          try graph.apply1(
            "Add",
            [
              follower,
              graph.apply1(
                "Mul",
                [
                  graph.apply1("Sub", [variable, follower]),
                  graph.constant(Tensor(scalar: tau)),
                ]
              ),
            ]
          )
        }
      updates.append(try graph.apply1(.martlet("Assign"), [follower, value]))
    }
    targetUpdates = updates
    self.values = values
    self.errors = errors
    var step = LayerContext(graph: graph, mode: .training)
    // Decay, where the optimiser has any, pulls on weights, not on biases.
    for variable in variables where (graph[variable].type.shape.rank ?? 0) >= 2 {
      step.decay(variable)
    }
    training = try TrainingGraph(
      step,
      inputs: [observation, action, reward, next, discount, weight],
      loss: loss,
      optimizer: options.optimizer,
      clipping: options.clipping,
      variables: variables
    )
  }

  /// The numbers [N] that `indices` [N] pick out of the rows of `values` [N, A].
  private static func value(
    of indices: ValueID,
    in values: ValueID,
    _ context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let columns = try context.apply("Unsqueeze", indices, context.vector([1]))
    let picked = try context.apply(
      "GatherElements",
      values,
      columns,
      attributes: ["axis": .int(1)]
    )
    return try context.apply("Squeeze", picked, context.vector([1]))
  }
}

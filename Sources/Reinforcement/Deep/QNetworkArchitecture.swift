package import GraphIR
import NN
package import Tensors

/// Networks that value actions, built with fresh weights.
package struct QNetworkArchitecture: Sendable, Equatable {
  /// A convolution of square kernels without padding, behind it a rectifier.
  package struct Convolution: Sendable, Equatable {
    package var filters: Int
    package var kernel: Int
    package var stride: Int

    package init(filters: Int, kernel: Int, stride: Int) {
      self.filters = filters
      self.kernel = kernel
      self.stride = stride
    }
  }

  /// The shape of one observation: [D], or [C, H, W] for pixels.
  package var observation: Shape
  package var actionCount: Int
  package var convolutions: [Convolution]
  /// Units of the dense layers behind them, each with a rectifier.
  package var hidden: [Int]
  /// Splits the values into those of the state and the advantages of the actions.
  package var isDueling: Bool
  /// What an observation is divided by first: 255 for bytes.
  package var scale: Float

  /// Dense layers on `observation` numbers.
  package static func dense(
    observation: Int,
    actions: Int,
    hidden: [Int] = [64, 64],
    isDueling: Bool = false
  ) -> QNetworkArchitecture {
    QNetworkArchitecture(
      observation: [observation],
      actionCount: actions,
      convolutions: [],
      hidden: hidden,
      isDueling: isDueling,
      scale: 1
    )
  }

  /// A small network for four frames of 21x21 pixels: 16@5x5/2, 32@3x3/2, dense 128.
  package static func smallPixels(actions: Int, isDueling: Bool = false) -> QNetworkArchitecture {
    QNetworkArchitecture(
      observation: [4, 21, 21],
      actionCount: actions,
      convolutions: [
        Convolution(filters: 16, kernel: 5, stride: 2),
        Convolution(filters: 32, kernel: 3, stride: 2),
      ],
      hidden: [128],
      isDueling: isDueling,
      scale: 255
    )
  }

  /// The network for four frames of 84x84 pixels: 32@8x8/4, 64@4x4/2, 64@3x3/1, dense 512.
  ///
  /// Mnih and others 2015 (Human-level control through deep reinforcement learning, Nature 518).
  package static func nature(actions: Int, isDueling: Bool = false) -> QNetworkArchitecture {
    QNetworkArchitecture(
      observation: [4, 84, 84],
      actionCount: actions,
      convolutions: [
        Convolution(filters: 32, kernel: 8, stride: 4),
        Convolution(filters: 64, kernel: 4, stride: 2),
        Convolution(filters: 64, kernel: 3, stride: 1),
      ],
      hidden: [512],
      isDueling: isDueling,
      scale: 255
    )
  }

  /// The network with weights drawn from a seed: input `observation` [N, ...], output `q_values` [N, A].
  ///
  /// A dueling one (Wang et al. 2016, Dueling network architectures, equation 9) has two more outputs, `state_value` V [N, 1] and
  /// `advantage` A [N, A], whose mean over the actions is taken out: q_values = V + A.
  ///
  /// - Throws: `GraphError` where the layers do not fit the observation.
  package func graph(seed: UInt64) throws(GraphError) -> Graph {
    var context = LayerContext(graph: Graph(name: "q-network"), mode: .inference, seed: seed)
    let observation = try context.graph.placeholder(
      "observation",
      .float32,
      PartialShape([.symbol("N")] + observation.dimensions.map(Dimension.known))
    )
    var x = observation
    if scale != 1 { x = try context.apply("Mul", x, context.scalar(1 / scale)) }
    for (index, layer) in convolutions.enumerated() {
      x = try Conv2D(
        "conv\(index + 1)",
        filters: layer.filters,
        kernel: layer.kernel,
        stride: layer.stride,
        activation: .relu
      )(x, in: &context)
    }
    if self.observation.rank > 1 { x = try Flatten()(x, in: &context) }
    for (index, units) in hidden.enumerated() {
      x = try Dense("dense\(index + 1)", units, activation: .relu)(x, in: &context)
    }
    if isDueling {
      try addDuelingHead(x, in: &context)
    } else {
      let values = try Dense("values", actionCount)(x, in: &context)
      try context.graph.rename(values, to: QNetwork.valuesName)
      context.graph.outputs = [values]
    }
    return context.graph
  }

  private func addDuelingHead(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) {
    let state = try Dense("state", 1)(x, in: &context)
    let raw = try Dense("actions", actionCount)(x, in: &context)
    let mean = try context.apply(
      "ReduceMean",
      raw,
      context.vector([1]),
      attributes: ["keepdims": .int(1)]
    )
    let advantage = try context.apply("Sub", raw, mean)
    let values = try context.apply("Add", advantage, state)
    try context.graph.rename(values, to: QNetwork.valuesName)
    try context.graph.rename(state, to: "state_value")
    try context.graph.rename(advantage, to: "advantage")
    context.graph.outputs = [values, state, advantage]
  }
}

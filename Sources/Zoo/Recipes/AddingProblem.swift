import Datasets
import GraphIR
import NN
import Tensors
import Training

/// The adding problem (Hochreiter & Schmidhuber 1997): the sum of the two marked numbers of a long sequence.
///
/// x [T, 2]: numbers drawn uniformly from [0, 1) and marks, 1 at one place in each half, 0 elsewhere. Always answering 1, the mean, has the
/// squared error 1/6: a network that does no better remembers nothing.
struct AddingProblem {
  /// Mean squared error of the constant answer 1.
  static let constantError = 1.0 / 6

  /// T, at least 2.
  let steps: Int

  /// `count` sequences [count, T, 2] with their sums [count, 1]; a function of the seed alone.
  func examples(_ count: Int, seed: UInt64) -> Dataset {
    var random = Philox(seed: seed)
    var features = [Float](repeating: 0, count: count * steps * 2)
    var sums: [Float] = []
    let half = steps / 2
    for example in 0..<count {
      let start = example * steps
      for step in 0..<steps { features[(start + step) * 2] = random.uniform() }
      let first = random.below(half)
      let second = half + random.below(steps - half)
      for marked in [first, second] { features[(start + marked) * 2 + 1] = 1 }
      sums.append(features[(start + first) * 2] + features[(start + second) * 2])
    }
    return Dataset(
      features: Tensor(features, [count, steps, 2]),
      labels: Tensor(sums, [count, 1])
    )
  }

  /// The mean squared error of a linear answer from a recurrent layer's last state.
  ///
  /// - Throws: what the layers throw.
  func loss(
    of layer: Recurrent,
    in context: inout LayerContext
  ) throws(GraphError) -> (inputs: [ValueID], loss: ValueID) {
    let x = try context.graph.placeholder("x", .float32, ["N", .known(steps), 2])
    let targets = try context.graph.placeholder("targets", .float32, ["N", 1])
    let states = try layer(x, in: &context).states
    let answer = try Dense("answer", 1)(states[0].hidden, in: &context)
    let loss = try Loss.meanSquaredError(predictions: answer, targets: targets, in: &context)
    return ([x, targets], loss)
  }
}

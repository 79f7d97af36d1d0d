import Glibc
package import Tensors

/// A policy network whose weights are one list of genes; takes the action of the highest score.
///
/// Layer after layer the genes are the weights [in, out] row by row, then the biases [out]. The search tries thousands of such networks for a
/// few hundred steps each, too briefly for a compiled plan, so the few multiplications are done here.
package struct GenePolicy: Policy, Sendable {
  package let network: PolicyNetwork
  package let genes: [Float]
  private let layers: [PolicyNetwork.Layer]
  private var values: [Float]
  private var nextValues: [Float]

  /// - Precondition: `genes.count == geneCount(of: network)`.
  package init(_ network: PolicyNetwork, genes: [Float]) {
    let expected = Self.geneCount(of: network)
    precondition(genes.count == expected, "\(genes.count) genes, the network has \(expected)")
    self.network = network
    self.genes = genes
    layers = network.layers
    let widest = layers.reduce(0) { max($0, $1.inputs, $1.outputs) }
    values = Array(repeating: 0, count: widest)
    nextValues = values
  }

  /// Weights and biases of a network.
  package static func geneCount(of network: PolicyNetwork) -> Int {
    network.layers.reduce(0) { $0 + ($1.inputs + 1) * $1.outputs }
  }

  package mutating func action(for observation: UnsafeBufferPointer<Float>) -> Int {
    for index in 0..<network.observationSize { values[index] = observation[index] }
    var start = 0
    for (index, layer) in layers.enumerated() {
      let biases = start + layer.inputs * layer.outputs
      for output in 0..<layer.outputs {
        var sum = genes[biases + output]
        for input in 0..<layer.inputs {
          sum += values[input] * genes[start + input * layer.outputs + output]
        }
        nextValues[output] = index == layers.count - 1 ? sum : tanhf(sum)
      }
      swap(&values, &nextValues)
      start = biases + layer.outputs
    }
    var best = 0
    for action in 1..<network.actionCount where values[action] > values[best] { best = action }
    return best
  }

  /// The genes as the network's variables, for `PolicyNetwork.servingGraph`.
  package var weights: [String: Tensor] {
    var result: [String: Tensor] = [:]
    var start = 0
    for layer in layers {
      let biases = start + layer.inputs * layer.outputs
      let end = biases + layer.outputs
      result["\(layer.name)/weight"] = Tensor(
        Array(genes[start..<biases]),
        [layer.inputs, layer.outputs]
      )
      result["\(layer.name)/bias"] = Tensor(vector: Array(genes[biases..<end]))
      start = end
    }
    return result
  }
}

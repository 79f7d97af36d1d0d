package import GraphIR
import Tensors

/// A fully connected layer: y = activation(x W + b).
///
/// x [N, in] or [..., in]; W `weight` [in, out]; b `bias` [out]; y [..., out]. Variables: in * out + out numbers.
package struct Dense: Sendable {
  package var name: String
  package var outputs: Int
  package var activation: Activation
  package var hasBias: Bool
  /// Makes W; the activation's recommended one when `nil`.
  package var weightInitializer: Initializer?
  package var biasInitializer: Initializer

  package init(
    _ name: String,
    _ outputs: Int,
    activation: Activation = .identity,
    hasBias: Bool = true,
    weightInitializer: Initializer? = nil,
    biasInitializer: Initializer = .zeros
  ) {
    self.name = name
    self.outputs = outputs
    self.activation = activation
    self.hasBias = hasBias
    self.weightInitializer = weightInitializer
    self.biasInitializer = biasInitializer
  }

  /// Adds the layer.
  ///
  /// - Throws: `GraphError.invalid` where the last dimension of x is not known.
  package func callAsFunction(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try context.scoped(name) { (context: inout LayerContext) throws(GraphError) in
      guard let rank = context.graph[x].type.shape.rank, rank > 0 else {
        throw .invalid("dense layer \(name): \(context.graph[x].name) has no last dimension")
      }
      let inputs = try context.size(of: x, axis: rank - 1, for: "weight")
      let weight = try context.variable(
        "weight",
        [inputs, outputs],
        weightInitializer ?? activation.recommendedInitializer,
        isDecayed: true
      )
      let bias = hasBias ? try context.variable("bias", [outputs], biasInitializer) : nil
      if rank == 2 {
        let inputs: [ValueID?] = bias.map { [x, weight, $0] } ?? [x, weight]
        let y = try context.graph.apply1(
          "Gemm",
          inputs,
          [:],
          name: context.graph.freshName(context.scopedName("Gemm"))
        )
        return try activation(y, in: &context)
      }
      var y = try context.apply("MatMul", x, weight)
      if let bias { y = try context.apply("Add", y, bias) }
      return try activation(y, in: &context)
    }
  }
}

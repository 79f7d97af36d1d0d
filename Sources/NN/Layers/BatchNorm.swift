package import GraphIR
import Tensors

/// Batch normalisation (Ioffe & Szegedy 2015) over every axis but 1.
///
/// x [N, C] or [N, C, H, W], kept. In training y = (x - mean) / sqrt(variance + epsilon) scale + bias with the batch's statistics, and each
/// step moves `moving_mean` and `moving_variance` to momentum * old + (1 - momentum) * batch (biased variance, as ONNX); in inference those
/// are used. Variables: `scale` and `bias` [C], trained; the moving statistics [C], not.
package struct BatchNorm: Sendable {
  package var name: String
  package var momentum: Float
  package var epsilon: Float

  package init(_ name: String, momentum: Float = 0.9, epsilon: Float = 1e-5) {
    self.name = name
    self.momentum = momentum
    self.epsilon = epsilon
  }

  /// Adds the layer.
  ///
  /// - Throws: `GraphError.invalid` where the channels of x are not known.
  package func callAsFunction(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try context.scoped(name) { (context: inout LayerContext) throws(GraphError) in
      let channels = try context.size(of: x, axis: 1, for: "scale")
      let scale = try context.variable("scale", [channels], .ones)
      let bias = try context.variable("bias", [channels], .zeros)
      let mean = try context.variable("moving_mean", [channels], .zeros, isTrainable: false)
      let variance = try context.variable(
        "moving_variance",
        [channels],
        .ones,
        isTrainable: false
      )
      let isTraining = context.mode == .training
      let outputs = try context.graph.apply(
        "BatchNormalization",
        [x, scale, bias, mean, variance],
        [
          "epsilon": .float(epsilon), "momentum": .float(momentum),
          "training_mode": .int(isTraining ? 1 : 0),
        ],
        name: context.graph.freshName(context.scopedName("BatchNormalization")),
        outputCount: isTraining ? 3 : 1
      )
      if isTraining, case .some(let newMean) = outputs[1], case .some(let newVariance) = outputs[2]
      {
        try context.update(mean, to: newMean)
        try context.update(variance, to: newVariance)
      }
      guard case .some(let y) = outputs[0] else {
        throw .invalid("BatchNormalization has no output")
      }
      return y
    }
  }
}

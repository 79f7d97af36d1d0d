package import GraphIR
import Tensors

/// A convolution over images: y = activation(W * x + b).
///
/// x [N, C, H, W]; `weight` [OC, C / groups, KH, KW]; `bias` [OC]; y [N, OC, OH, OW] with
/// OH = (H + 2 padding - dilation (KH - 1) - 1) / stride + 1, rounded down.
package struct Conv2D: Sendable {
  package var name: String
  /// Number of filters, OC.
  package var filters: Int
  /// Side of the square kernel.
  package var kernel: Int
  package var stride: Int
  /// Zeros added at each side.
  package var padding: Int
  package var dilation: Int
  package var groups: Int
  package var activation: Activation
  package var hasBias: Bool
  package var weightInitializer: Initializer?

  package init(
    _ name: String,
    filters: Int,
    kernel: Int,
    stride: Int = 1,
    padding: Int = 0,
    dilation: Int = 1,
    groups: Int = 1,
    activation: Activation = .identity,
    hasBias: Bool = true,
    weightInitializer: Initializer? = nil
  ) {
    self.name = name
    self.filters = filters
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.activation = activation
    self.hasBias = hasBias
    self.weightInitializer = weightInitializer
  }

  /// Adds the layer.
  ///
  /// - Throws: `GraphError` where the channels of x are not known or not a multiple of `groups`.
  package func callAsFunction(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try context.scoped(name) { (context: inout LayerContext) throws(GraphError) in
      let channels = try context.size(of: x, axis: 1, for: "weight")
      guard groups > 0, channels % groups == 0, filters % groups == 0 else {
        throw .invalid(
          "convolution \(name): \(channels) channels and \(filters) filters in \(groups) groups"
        )
      }
      let weight = try context.variable(
        "weight",
        [filters, channels / groups, kernel, kernel],
        weightInitializer ?? activation.recommendedInitializer,
        isDecayed: true
      )
      var inputs: [ValueID?] = [x, weight]
      if hasBias { inputs.append(try context.variable("bias", [filters], .zeros)) }
      let y = try context.graph.apply1(
        "Conv",
        inputs,
        [
          "kernel_shape": .ints([kernel, kernel]), "strides": .ints([stride, stride]),
          "pads": .ints([padding, padding, padding, padding]),
          "dilations": .ints([dilation, dilation]), "group": .int(groups),
        ],
        name: context.graph.freshName(context.scopedName("Conv"))
      )
      return try activation(y, in: &context)
    }
  }
}

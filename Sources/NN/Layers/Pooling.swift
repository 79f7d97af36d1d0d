package import GraphIR

/// The largest element of each window.
///
/// x [N, C, H, W] to [N, C, OH, OW], OH = (H + 2 padding - size) / stride + 1.
package struct MaxPool2D: Sendable {
  package var size: Int
  package var stride: Int
  package var padding: Int

  package init(_ size: Int, stride: Int? = nil, padding: Int = 0) {
    self.size = size
    self.stride = stride ?? size
    self.padding = padding
  }

  /// Adds the layer.
  package func callAsFunction(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try context.apply("MaxPool", x, attributes: windowAttributes(size, stride, padding))
  }
}

/// The mean of each window, padding not counted.
///
/// Shapes as for `MaxPool2D`.
package struct AveragePool2D: Sendable {
  package var size: Int
  package var stride: Int
  package var padding: Int

  package init(_ size: Int, stride: Int? = nil, padding: Int = 0) {
    self.size = size
    self.stride = stride ?? size
    self.padding = padding
  }

  /// Adds the layer.
  package func callAsFunction(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    try context.apply("AveragePool", x, attributes: windowAttributes(size, stride, padding))
  }
}

/// The mean of each channel.
///
/// x [N, C, H, W] to [N, C].
package struct GlobalAveragePool: Sendable {
  package init() {}

  /// Adds the layer.
  package func callAsFunction(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    let pooled = try context.apply("GlobalAveragePool", x)
    return try context.apply("Flatten", pooled, attributes: ["axis": .int(1)])
  }
}

private func windowAttributes(
  _ size: Int,
  _ stride: Int,
  _ padding: Int
) -> [String: Attribute] {
  [
    "kernel_shape": .ints([size, size]), "strides": .ints([stride, stride]),
    "pads": .ints([padding, padding, padding, padding]),
  ]
}

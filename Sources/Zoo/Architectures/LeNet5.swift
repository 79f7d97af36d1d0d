package import GraphIR
package import NN

/// LeNet-5 (LeCun, Bottou, Bengio, Haffner 1998) with ReLU and maximum pooling.
///
/// [1, 28, 28]: 6 filters 5x5 padded, pool to 14x14, 16 filters 5x5, pool to 5x5, dense 120, dense 84, 10 logits; 61,706 parameters.
package struct LeNet5: Architecture {
  package let inputSizes = [1, 28, 28]
  package let classCount = 10
  /// Dropout after each dense layer.
  package var dropout: Float

  package init(dropout: Float = 0.25) { self.dropout = dropout }

  package func logits(
    of x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    var y = try Conv2D("conv1", filters: 6, kernel: 5, padding: 2, activation: .relu)(
      x,
      in: &context
    )
    y = try MaxPool2D(2)(y, in: &context)
    y = try Conv2D("conv2", filters: 16, kernel: 5, activation: .relu)(y, in: &context)
    y = try MaxPool2D(2)(y, in: &context)
    y = try Flatten()(y, in: &context)
    y = try Dense("dense1", 120, activation: .relu)(y, in: &context)
    y = try Dropout(dropout)(y, in: &context)
    y = try Dense("dense2", 84, activation: .relu)(y, in: &context)
    y = try Dropout(dropout)(y, in: &context)
    return try Dense("outputs", classCount)(y, in: &context)
  }
}

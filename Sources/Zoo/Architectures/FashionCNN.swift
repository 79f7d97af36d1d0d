package import GraphIR
package import NN

/// Three convolutions with batch normalisation for [1, 28, 28] pictures.
///
/// 32, 64 and 64 filters 3x3 padded, each normalised, ReLU and pooled (28, 14, 7, 3), dense 128, 10 logits; 131,050 trained numbers.
package struct FashionCNN: Architecture {
  package let inputSizes = [1, 28, 28]
  package let classCount = 10
  /// Dropout before and after the dense layer.
  package var dropout: Float

  package init(dropout: Float = 0.3) { self.dropout = dropout }

  package func logits(
    of x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    var y = x
    for (index, filters) in [32, 64, 64].enumerated() {
      let convolution = Conv2D(
        "conv\(index + 1)",
        filters: filters,
        kernel: 3,
        padding: 1,
        hasBias: false,
        weightInitializer: .heNormal
      )
      y = try convolution(y, in: &context)
      y = try BatchNorm("norm\(index + 1)")(y, in: &context)
      y = try Activation.relu(y, in: &context)
      y = try MaxPool2D(2)(y, in: &context)
    }
    y = try Dropout(dropout)(Flatten()(y, in: &context), in: &context)
    y = try Dense("dense1", 128, activation: .relu)(y, in: &context)
    y = try Dropout(dropout)(y, in: &context)
    return try Dense("outputs", classCount)(y, in: &context)
  }
}

package import GraphIR
package import NN

/// The project's notes' network for grey pictures of 128 x 128 pixels.
///
/// 32 filters 5x5 padded, pool to 64x64, 32 filters 5x5 padded, pool to 32x32, dense 1024, 10 logits; ReLU.
package struct NotesCNN128: Architecture {
  package let inputSizes = [1, 128, 128]
  package let classCount = 10

  package init() {}

  package func logits(
    of x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    var y = x
    for index in 1...2 {
      let convolution = Conv2D(
        "conv\(index)",
        filters: 32,
        kernel: 5,
        padding: 2,
        activation: .relu
      )
      y = try MaxPool2D(2)(convolution(y, in: &context), in: &context)
    }
    y = try Flatten()(y, in: &context)
    y = try Dense("dense1", 1024, activation: .relu)(y, in: &context)
    return try Dense("outputs", classCount)(y, in: &context)
  }
}

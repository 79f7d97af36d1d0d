package import GraphIR
package import NN

/// Fully connected layers on rows of pixels: 784-300-100-10 in both shipped forms.
package struct MLP: Architecture {
  package var inputSizes: [Int]
  package var hidden: [Int]
  package var classCount: Int
  package var activation: Activation
  /// Makes the weights; the activation's recommended one when `nil`.
  package var initializer: Initializer?
  /// Batch normalisation before each activation; its bias replaces the layer's.
  package var hasBatchNorm: Bool
  /// Dropout after each hidden layer.
  package var dropout: Float

  package init(
    inputs: Int = 784,
    hidden: [Int] = [300, 100],
    classCount: Int = 10,
    activation: Activation,
    initializer: Initializer? = nil,
    hasBatchNorm: Bool = false,
    dropout: Float = 0
  ) {
    inputSizes = [inputs]
    self.hidden = hidden
    self.classCount = classCount
    self.activation = activation
    self.initializer = initializer
    self.hasBatchNorm = hasBatchNorm
    self.dropout = dropout
  }

  /// The network of the project's notes: leaky ReLU 0.01, Glorot uniform weights, biases of 0.
  package static let ofTheNotes = MLP(
    activation: .leakyRelu(alpha: 0.01),
    initializer: .glorotUniform
  )

  /// He weights, batch normalisation, ELU and dropout.
  package static let regularised = MLP(
    activation: .elu(),
    initializer: .heNormal,
    hasBatchNorm: true,
    dropout: 0.4
  )

  package func logits(
    of x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    var y = x
    for (index, units) in hidden.enumerated() {
      let dense = Dense(
        "hidden\(index + 1)",
        units,
        hasBias: !hasBatchNorm,
        weightInitializer: initializer ?? activation.recommendedInitializer
      )
      y = try dense(y, in: &context)
      if hasBatchNorm { y = try BatchNorm("norm\(index + 1)")(y, in: &context) }
      y = try activation(y, in: &context)
      y = try Dropout(dropout)(y, in: &context)
    }
    return try Dense("outputs", classCount, weightInitializer: initializer)(y, in: &context)
  }
}

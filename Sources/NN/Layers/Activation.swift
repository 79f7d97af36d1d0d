package import GraphIR

/// A function applied to each element (softmaxes: along the last axis).
package enum Activation: Sendable, Hashable {
  case identity
  case relu
  case leakyRelu(alpha: Float = 0.01)
  case elu(alpha: Float = 1)
  case selu
  case gelu
  case swish
  case mish
  case softplus
  case sigmoid
  case tanh
  case softmax
  case logSoftmax

  /// Adds the activation of x; any shape, kept.
  package func callAsFunction(
    _ x: ValueID,
    in context: inout LayerContext
  ) throws(GraphError) -> ValueID {
    switch self {
    case .identity: x
    case .relu: try context.apply("Relu", x)
    case .leakyRelu(let alpha):
      try context.apply("LeakyRelu", x, attributes: ["alpha": .float(alpha)])
    case .elu(let alpha): try context.apply("Elu", x, attributes: ["alpha": .float(alpha)])
    case .selu: try context.apply("Selu", x)
    case .gelu: try context.apply("Gelu", x)
    case .swish: try context.apply("Mul", x, context.apply("Sigmoid", x))
    case .mish: try context.apply("Mish", x)
    case .softplus: try context.apply("Softplus", x)
    case .sigmoid: try context.apply("Sigmoid", x)
    case .tanh: try context.apply("Tanh", x)
    case .softmax: try context.apply("Softmax", x, attributes: ["axis": .int(-1)])
    case .logSoftmax: try context.apply("LogSoftmax", x, attributes: ["axis": .int(-1)])
    }
  }

  /// The initialiser that keeps the signal's variance through a layer with this activation: He for the rectifiers, LeCun for SELU, Glorot
  /// for the rest.
  package var recommendedInitializer: Initializer {
    switch self {
    case .relu, .leakyRelu, .elu, .gelu, .swish, .mish, .softplus: .heNormal
    case .selu: .leCunNormal
    default: .glorotUniform
    }
  }
}

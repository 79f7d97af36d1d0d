import CKernels
import GraphIR
import Tensors

/// How the kernels name ONNX's elementwise operators on float32.
enum ElementwiseOperators {
  /// A unary kernel with its parameters, `nil` where the operator is none or a parameter is not known before the run.
  static func unary(
    _ operation: PlanGraph.Operation,
    _ plan: PlanGraph
  ) throws -> (op: ck_unary, p0: Float, p1: Float)? {
    let node = operation.node
    if let simple = simpleUnary[operation.op] { return (simple, 0, 0) }
    switch operation.op {
    case "LeakyRelu": return (CK_LEAKY_RELU, try node.float("alpha", default: 0.01), 0)
    case "Elu": return (CK_ELU, try node.float("alpha", default: 1), 0)
    case "Celu": return (CK_CELU, try node.float("alpha", default: 1), 0)
    case "Selu":
      return (
        CK_SELU, try node.float("alpha", default: 1.67326319217681884765625),
        try node.float("gamma", default: 1.05070102214813232421875)
      )
    case "HardSigmoid":
      return (
        CK_HARD_SIGMOID, try node.float("alpha", default: 0.2), try node.float("beta", default: 0.5)
      )
    case "ThresholdedRelu":
      return (CK_THRESHOLDED_RELU, try node.float("alpha", default: 1), 0)
    case "Swish": return (CK_SWISH, try node.float("alpha", default: 1), 0)
    case "Gelu":
      let approximate = try node.string("approximate", default: "none")
      return (approximate == "tanh" ? CK_GELU_TANH : CK_GELU, 0, 0)
    case "Clip":
      return ClipBounds.constant(operation, plan).map { (CK_CLIP, $0.low, $0.high) }
    default: return nil
    }
  }

  /// A binary kernel with its parameter.
  static func binary(_ operation: PlanGraph.Operation) throws -> (op: ck_binary, p0: Float)? {
    guard operation.inputs.count == 2 else { return nil }
    if let simple = simpleBinary[operation.op] { return (simple, 0) }
    switch operation.op {
    case .martlet("LeakyReluGradient"):
      return (CK_LEAKY_RELU_GRADIENT, try operation.node.float("alpha", default: 0.01))
    case .martlet("EluGradient"):
      return (CK_ELU_GRADIENT, try operation.node.float("alpha", default: 1))
    default: return nil
    }
  }

  static let simpleUnary: [OperatorName: ck_unary] = [
    "Abs": CK_ABS, "Neg": CK_NEG, "Sign": CK_SIGN, "Ceil": CK_CEIL, "Floor": CK_FLOOR,
    "Round": CK_ROUND, "Reciprocal": CK_RECIPROCAL, "Sqrt": CK_SQRT, "Exp": CK_EXP, "Log": CK_LOG,
    "Sin": CK_SIN, "Cos": CK_COS, "Tanh": CK_TANH, "Sigmoid": CK_SIGMOID, "Erf": CK_ERF,
    "Softplus": CK_SOFTPLUS, "Softsign": CK_SOFTSIGN, "Relu": CK_RELU, "Mish": CK_MISH,
    "HardSwish": CK_HARD_SWISH,
  ]

  static let simpleBinary: [OperatorName: ck_binary] = [
    "Add": CK_ADD, "Sub": CK_SUB, "Mul": CK_MUL, "Div": CK_DIV, "Pow": CK_POW, "Max": CK_MAX,
    "Min": CK_MIN, "Sum": CK_ADD, "PRelu": CK_PRELU,
    .martlet("ReluGradient"): CK_RELU_GRADIENT, .martlet("SigmoidGradient"): CK_SIGMOID_GRADIENT,
    .martlet("TanhGradient"): CK_TANH_GRADIENT,
  ]
}

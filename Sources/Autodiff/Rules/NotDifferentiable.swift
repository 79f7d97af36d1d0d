package import GraphIR

extension GradientRules {
  /// Operators whose outputs do not change with small changes of their inputs (or that have none): a path of gradients ends there.
  package static let piecewiseConstant: [OperatorName: String] = reasons([
    "flat between its steps": [
      "Ceil", "Floor", "Round", "Sign", "Hardmax", "QuantizeLinear", "DynamicQuantizeLinear",
      "BitShift", "Bernoulli", "Multinomial",
    ],
    "the result is a truth value": [
      "And", "Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual", "Not",
      "Or", "Xor",
    ],
    "the result is made of bits": [
      "BitCast", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor",
    ],
    "the result is a position or a size": [
      "ArgMax", "ArgMin", "NonMaxSuppression", "NonZero", "Shape", "Size",
    ],
    "the result depends on shapes and whole numbers only": [
      "Constant", "ConstantOfShape", "EyeLike", "OneHot", "Range", "BlackmanWindow",
      "HannWindow", "HammingWindow", "Unique",
    ],
    "the result is random and does not depend on the operand's values": [
      "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike",
    ],
  ])

  /// Operators with a slope but no rule: a path of gradients through them is refused.
  package static let withoutRule: [OperatorName: String] = reasons([
    "a step of training changes variables; nothing is differentiated through it": [
      .martlet("Assign"), .martlet("SGDUpdate"), .martlet("MomentumUpdate"),
      .martlet("AdamUpdate"),
    ],
    "use the operator in inference mode or LayerNormalization for second derivatives": [
      .martlet("BatchNormalizationGradient")
    ],
    "write the cell as a Scan, whose gradient is a Scan, for second derivatives": [
      RecurrentCell.rnn.gradientOp, RecurrentCell.gru.gradientOp, RecurrentCell.lstm.gradientOp,
    ],
    "no rule yet": [
      "Mod", "Det", "Resize", "Upsample", "GridSample", "AffineGrid", "MaxUnpool", "RoiAlign",
      "MaxRoiPool", "CenterCropPad", "Col2Im", "DeformConv", "DequantizeLinear", "STFT", "DFT",
      "MelWeightMatrix", "Attention",
      "RotaryEmbedding", "CumProd",
    ],
    "integer arithmetic": ["MatMulInteger", "ConvInteger", "QLinearConv", "QLinearMatMul"],
  ])

  private static func reasons(_ groups: [String: [OperatorName]]) -> [OperatorName: String] {
    groups.reduce(into: [:]) { result, group in
      for op in group.value { result[op] = group.key }
    }
  }
}

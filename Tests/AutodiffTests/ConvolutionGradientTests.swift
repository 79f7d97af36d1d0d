import GraphIR
import TestSupport
import Tensors
import Testing

@Suite struct ConvolutionGradientTests {
  @Test(arguments: convolutions + transposed + gradients + pooling)
  func matchesCentralDifferences(_ gradient: GradientCase) throws {
    let (error, report) = try gradient.largestError()
    #expect(error <= 1e-6, "\(gradient): \(report)")
  }

  private static let strided: [String: Attribute] = [
    "strides": .ints([2, 1]), "pads": .ints([1, 0, 0, 1]), "dilations": .ints([1, 2]),
  ]
  private static let grouped: [String: Attribute] = [
    "group": .int(2), "pads": .ints([1, 1, 1, 1]),
  ]

  static let convolutions: [GradientCase] = [
    GradientCase("Conv", [.random([2, 2, 4, 3]), .random([3, 2, 2, 2]), .random([3])]),
    GradientCase("Conv", [.random([1, 2, 5, 5]), .random([2, 2, 2, 2])], strided),
    GradientCase("Conv", [.random([1, 4, 3, 3]), .random([2, 2, 3, 3]), .random([2])], grouped),
    GradientCase("Conv", [.random([1, 2, 5]), .random([2, 2, 3])], ["pads": .ints([1, 1])]),
    GradientCase(
      "Conv",
      [.random([1, 1, 4, 4]), .random([1, 1, 3, 3])],
      ["auto_pad": .string("SAME_UPPER")]
    ),
    GradientCase("Conv", [.random([1, 1, 1, 1]), .random([1, 1, 1, 1])]),
  ]

  static let transposed: [GradientCase] = [
    GradientCase("ConvTranspose", [.random([1, 2, 3, 3]), .random([2, 3, 2, 2]), .random([3])]),
    GradientCase(
      "ConvTranspose",
      [.random([1, 2, 2, 3]), .random([2, 1, 3, 3])],
      ["strides": .ints([2, 2]), "pads": .ints([1, 1, 1, 1]), "output_padding": .ints([1, 1])]
    ),
    GradientCase(
      "ConvTranspose",
      [.random([1, 4, 3, 3]), .random([4, 1, 2, 2])],
      ["group": .int(2)]
    ),
  ]

  /// Gradients of the gradients.
  static let gradients: [GradientCase] = [
    GradientCase(
      .martlet("ConvGradientInput"),
      [.random([1, 2, 3, 2]), .random([2, 2, 2, 2]), .constant(shape(1, 2, 4, 3))]
    ),
    GradientCase(
      .martlet("ConvGradientWeights"),
      [.random([2, 2, 4, 3]), .random([2, 2, 3, 2]), .constant(shape(2, 2, 2, 2))]
    ),
    GradientCase(
      .martlet("AveragePoolGradient"),
      [.random([1, 2, 2, 2]), .constant(shape(1, 2, 4, 4))],
      ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]
    ),
    GradientCase(
      .martlet("MaxPoolGradient"),
      [.constant(fixed), .random([1, 1, 2, 2])],
      ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]
    ),
  ]

  private static let fixed = Tensor((0..<16).map { Float(($0 * 7) % 16) }, [1, 1, 4, 4])

  static let pooling: [GradientCase] = [
    GradientCase(
      "MaxPool",
      [.random([2, 2, 4, 4])],
      ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]
    ),
    GradientCase(
      "MaxPool",
      [.random([1, 1, 5, 4])],
      ["kernel_shape": .ints([3, 2]), "strides": .ints([2, 1]), "pads": .ints([1, 0, 1, 1])]
    ),
    GradientCase("MaxPool", [.random([1, 2, 7])], ["kernel_shape": .ints([3])]),
    GradientCase(
      "AveragePool",
      [.random([2, 2, 4, 4])],
      ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])]
    ),
    GradientCase(
      "AveragePool",
      [.random([1, 1, 4, 4])],
      ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1])]
    ),
    GradientCase(
      "AveragePool",
      [.random([1, 1, 4, 4])],
      ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1]), "count_include_pad": .int(1)]
    ),
    GradientCase("LpPool", [.random([1, 1, 4, 4], low: 0.1)], ["kernel_shape": .ints([2, 2])]),
    GradientCase(
      "LpPool",
      [.random([1, 1, 4, 4])],
      ["kernel_shape": .ints([2, 2]), "p": .int(3)]
    ),
    GradientCase("GlobalAveragePool", [.random([2, 3, 2, 2])]),
    GradientCase("GlobalMaxPool", [.random([2, 3, 2, 2])]),
    GradientCase("GlobalLpPool", [.random([2, 3, 2, 2])], ["p": .int(3)]),
  ]

  private static func shape(_ sizes: Int64...) -> Tensor { Tensor(vector: sizes) }
}

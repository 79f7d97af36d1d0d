import Engine
import GraphIR
import Tensors
import Testing

@Suite struct ConvolutionReferenceTests {
  private let attributes: [String: Attribute] = [
    "pads": .ints([1, 0, 0, 2]), "strides": .ints([2, 1]), "dilations": .ints([1, 2]),
    "group": .int(2),
  ]
  private let x = noise([2, 4, 5, 6], seed: 1)
  private let w = noise([6, 2, 3, 2], seed: 2)

  @Test func slidesTheKernelWithoutFlippingIt() throws {
    let x = Tensor([1, 2, 3, 4, 5] as [Float], [1, 1, 5])
    let w = Tensor([1, 0, -2] as [Float], [1, 1, 3])
    let bias = Tensor(vector: [10] as [Float])
    let y = try runReference("Conv", [x, w, bias])[0]
    #expect(y == Tensor([5, 4, 3] as [Float], [1, 1, 3]))
  }

  @Test func transposeIsTheAdjoint() throws {
    let y = try runReference("Conv", [x, w], attributes)[0]
    let u = noise(y.shape, seed: 3)
    var transposed = attributes
    // A stride of 2 over 5 rows leaves the last of them untouched: the transpose is told to make it.
    transposed["output_padding"] = .ints([1, 0])
    let back = try runReference("ConvTranspose", [u, w], transposed)[0]
    #expect(back.shape == x.shape)
    #expect(abs(innerProduct(y, u) - innerProduct(x, back)) < 1e-12)
  }

  @Test func gradientsAreTheAdjointsInDataAndWeights() throws {
    let y = try runReference("Conv", [x, w], attributes)[0]
    let dy = noise(y.shape, seed: 4)
    let product = innerProduct(y, dy)
    let dx = try runReference(
      .martlet("ConvGradientInput"),
      [dy, w, Tensor(vector: [2, 4, 5, 6] as [Int64])],
      attributes
    )
    #expect(abs(innerProduct(x, dx[0]) - product) < 1e-12)
    let dw = try runReference(
      .martlet("ConvGradientWeights"),
      [x, dy, Tensor(vector: [6, 2, 3, 2] as [Int64])],
      attributes
    )
    #expect(abs(innerProduct(w, dw[0]) - product) < 1e-12)
    let numerical = try numericalGradient(of: 1, [x, w]) { operands in
      innerProduct(try runReference("Conv", operands, attributes)[0], dy)
    }
    #expect(distance(dw[0].elements(), numerical) < 1e-7)
  }

  @Test func halfPrecisionRoundsOnce() throws {
    let x = Tensor([1024, 1, -1024] as [Float16], [1, 3, 1])
    let w = Tensor([1, 0.5, 1] as [Float16], [1, 3, 1])
    #expect(try runReference("Conv", [x, w])[0] == Tensor([0.5] as [Float16], [1, 1, 1]))
  }
}

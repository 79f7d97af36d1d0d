import Engine
import GraphIR
import Tensors
import Testing

@Suite struct ImagingReferenceTests {
  private let row = Tensor([1, 2, 3, 4] as [Float], [1, 1, 1, 4])

  private func resized(_ scale: Float, _ attributes: [String: Attribute]) throws -> [Float] {
    let scales = Tensor(vector: [1, 1, 1, scale])
    return try runReference("Resize", [row, nil, scales], attributes)[0].elements()
  }

  @Test func linearInterpolationDependsOnTheCoordinates() throws {
    let linear: [String: Attribute] = ["mode": .string("linear")]
    #expect(try resized(0.5, linear) == [1.5, 3.5])
    let corners = linear.merging(["coordinate_transformation_mode": .string("align_corners")]) {
      $1
    }
    #expect(try resized(0.5, corners) == [1, 4])
    #expect(try resized(2, corners).first == 1)
    #expect(try resized(2, corners).last == 4)
  }

  @Test func nearestRepeatsCells() throws {
    #expect(try resized(2, [:]) == [1, 1, 2, 2, 3, 3, 4, 4])
  }

  @Test func gridOutsideOfTheImageReadsZeros() throws {
    // Coordinates (x, y): the second cell exactly, the left edge halfway, far outside, no number.
    let grid = Tensor([-0.25, 0, -1, 0, 9, 0, .nan, 0] as [Float], [1, 1, 4, 2])
    let y = try runReference("GridSample", [row, grid])[0]
    #expect(y.elements(of: Float.self) == [2, 0.5, 0, 0])
  }

  @Test func quantizationRoundsTiesToEvenAndSaturates() throws {
    let x = Tensor(vector: [0.5, 1.5, -0.5, 1000, -1000] as [Float])
    let y = try runReference(
      "QuantizeLinear",
      [x, Tensor(scalar: Float(1)), Tensor(scalar: Int8(3))]
    )[0]
    #expect(y.elements(of: Int8.self) == [3, 5, 3, 127, -128])
    let back = try runReference(
      "DequantizeLinear",
      [y, Tensor(scalar: Float(0.5)), Tensor(scalar: Int8(3))]
    )[0]
    #expect(back.elements(of: Float.self) == [0, 1, 0, 62, -65.5])
  }

  @Test func integerProductsSubtractZeroPoints() throws {
    let a = Tensor([2, 3] as [UInt8], [1, 2])
    let b = Tensor([10, 20] as [Int8], [2, 1])
    let y = try runReference(
      "MatMulInteger",
      [a, b, Tensor(scalar: UInt8(1)), Tensor(scalar: Int8(5))]
    )[0]
    #expect(y == Tensor([1 * 5 + 2 * 15] as [Int32], [1, 1]))
  }
}

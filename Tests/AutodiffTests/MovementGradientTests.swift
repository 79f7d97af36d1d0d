import GraphIR
import TestSupport
import Tensors
import Testing

@Suite struct MovementGradientTests {
  @Test(arguments: shapes + slices + pads + indices)
  func matchesCentralDifferences(_ gradient: GradientCase) throws {
    let (error, report) = try gradient.largestError()
    #expect(error <= 1e-6, "\(gradient): \(report)")
  }

  static let shapes: [GradientCase] = [
    GradientCase("Reshape", [.random([2, 3]), ints(3, -1)]),
    GradientCase("Flatten", [.random([2, 3, 2])], ["axis": .int(2)]),
    GradientCase("Squeeze", [.random([2, 1, 3]), ints(1)]),
    GradientCase("Unsqueeze", [.random([2, 3]), ints(0, 3)]),
    GradientCase("Transpose", [.random([2, 3, 4])], ["perm": .ints([2, 0, 1])]),
    GradientCase("Transpose", [.random([2, 3])]),
    GradientCase("Expand", [.random([2, 1]), ints(3, 2, 4)]),
    GradientCase(
      "Concat",
      [.random([2, 1]), .random([2, 3]), .random([2, 2])],
      ["axis": .int(1)]
    ),
    GradientCase("Concat", [.random([2, 1]), .random([3, 1])], ["axis": .int(-2)]),
    GradientCase("Split", [.random([2, 5]), ints(2, 3)], ["axis": .int(1)], output: 1),
    GradientCase("Tile", [.random([2, 3]), ints(2, 2)]),
    GradientCase("DepthToSpace", [.random([1, 8, 2, 1])], ["blocksize": .int(2)]),
    GradientCase(
      "DepthToSpace",
      [.random([1, 8, 2, 1])],
      ["blocksize": .int(2), "mode": .string("CRD")]
    ),
    GradientCase("SpaceToDepth", [.random([1, 2, 4, 2])], ["blocksize": .int(2)]),
    GradientCase(
      "ReverseSequence",
      [.random([4, 2]), ints(2, 3)],
      ["time_axis": .int(0), "batch_axis": .int(1)]
    ),
    GradientCase("Trilu", [.random([3, 3])], ["upper": .int(0)]),
    GradientCase("Trilu", [.random([3, 4]), .constant(Tensor(scalar: Int64(1)))]),
    GradientCase(.martlet("SumToShape"), [.random([2, 3, 4]), ints(3, 1)]),
  ]

  static let slices: [GradientCase] = [
    GradientCase("Slice", [.random([4, 5]), ints(1), ints(3), ints(0)]),
    GradientCase("Slice", [.random([4, 5]), ints(0, -3), ints(9, -1)]),
    GradientCase("Slice", [.random([6]), ints(0), ints(6), ints(0), ints(2)]),
    GradientCase("Slice", [.random([2, 6]), ints(5), ints(0), ints(1), ints(-2)]),
  ]

  static let pads: [GradientCase] = [
    GradientCase("Pad", [.random([2, 3]), ints(1, 0, 0, 2), .values([0.7], [])]),
    GradientCase("Pad", [.random([3, 3]), ints(-1, 1, 0, -2)]),
    GradientCase("Pad", [.random([2, 3]), ints(1, 2), .absent, ints(1)]),
    GradientCase("Pad", [.random([3, 3]), ints(1, 0, 0, 2)], ["mode": .string("reflect")]),
    GradientCase("Pad", [.random([2, 3]), ints(1, 0, 0, 2)], ["mode": .string("edge")]),
  ]

  static let indices: [GradientCase] = [
    GradientCase("Gather", [.random([4, 2]), ints(3, 0, 3)]),
    GradientCase("Gather", [.random([2, 4]), matrix([0, 1, -1, 1], [2, 2])], ["axis": .int(1)]),
    GradientCase(.martlet("GatherGradient"), [.random([3, 2]), ints(3, 0, 3), ints(4, 2)]),
    GradientCase(
      "GatherElements",
      [.random([2, 3]), matrix([0, 2, 2, 1], [2, 2])],
      ["axis": .int(1)]
    ),
    GradientCase("GatherND", [.random([2, 3]), matrix([0, 1, 1, 2, 0, 1], [3, 2])]),
    GradientCase(
      "ScatterElements",
      [.random([2, 3]), matrix([0, 2], [2, 1]), .random([2, 1])],
      ["axis": .int(1)]
    ),
    GradientCase(
      "ScatterElements",
      [.random([2, 3]), matrix([0, 2], [2, 1]), .random([2, 1])],
      ["axis": .int(1), "reduction": .string("add")]
    ),
    GradientCase("ScatterND", [.random([4]), matrix([1, 3], [2, 1]), .random([2])]),
    GradientCase(
      "ScatterND",
      [.random([4]), matrix([1, 1], [2, 1]), .random([2])],
      ["reduction": .string("add")]
    ),
    GradientCase(
      "Compress",
      [.random([4, 2]), .constant(Tensor(vector: [true, false, true, true]))],
      ["axis": .int(0)]
    ),
  ]

  private static func ints(_ numbers: Int64...) -> GradientCase.Operand {
    .constant(Tensor(vector: numbers))
  }

  private static func matrix(_ numbers: [Int64], _ shape: Shape) -> GradientCase.Operand {
    .constant(Tensor(numbers, shape))
  }
}

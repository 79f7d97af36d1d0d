import GraphIR
import Tensors
import Testing

@testable import Engine

@Suite struct GeneratorReferenceTests {
  @Test func constantsAndFills() throws {
    #expect(try evaluated("Constant", [], ["value_ints": .ints([1, -2])]) == [integers(1, -2)])
    let fill: [String: Attribute] = ["value": .tensor(Tensor(vector: [true]))]
    #expect(
      try evaluated("ConstantOfShape", [integers(1, 2)], fill) == [Tensor([true, true], [1, 2])]
    )
    #expect(try evaluated("ConstantOfShape", [integers()]) == [Tensor(scalar: Float(0))])
    #expect(throws: GraphError.self) { try evaluated("ConstantOfShape", [integers(-1)]) }
  }

  @Test func rangesStopBeforeTheLimit() throws {
    func range<T: TensorElement>(_ start: T, _ limit: T, _ delta: T) throws -> [Tensor] {
      try evaluated("Range", [Tensor(scalar: start), Tensor(scalar: limit), Tensor(scalar: delta)])
    }
    #expect(try range(1, 6, 2 as Int64) == [integers(1, 3, 5)])
    #expect(try range(1, 0, 0.5 as Float) == [floats()])
    #expect(try range(0, -1, -0.4 as Double) == [doubles(0, -0.4, -0.8)])
  }

  @Test func diagonals() throws {
    let matrix = Tensor((1...6).map(Int64.init), [2, 3])
    #expect(try numbersOf("EyeLike", [matrix], ["k": .int(1)]) == [0, 1, 0, 0, 0, 1])
    #expect(try numbersOf("Trilu", [matrix]) == [1, 2, 3, 0, 5, 6])
    #expect(
      try numbersOf("Trilu", [matrix, Tensor(scalar: Int64(-1))], ["upper": .int(0)]) == [
        0, 0, 0, 4, 0, 0,
      ]
    )
    #expect(try numbersOf("Trilu", [matrix, Tensor(scalar: Int64.max)]) == [0, 0, 0, 0, 0, 0])
  }

  @Test func oneHotIgnoresWhatIsOutOfRange() throws {
    let operands = [integers(1, -1, 3, -4), Tensor(scalar: Int64(3)), floats(2, 5)]
    let rows = try evaluated("OneHot", operands)
    #expect(rows == [Tensor([2, 5, 2, 2, 2, 5, 2, 2, 2, 2, 2, 2] as [Float], [4, 3])])
    let columns = try evaluated("OneHot", operands, ["axis": .int(0)])
    #expect(columns == [Tensor([2, 2, 2, 2, 5, 2, 2, 2, 2, 5, 2, 2] as [Float], [3, 4])])
  }

  @Test func windowsArePeriodicOrSymmetric() throws {
    let four = Tensor(scalar: Int64(4))
    #expect(agree(try numbersOf("HannWindow", [four]), [0, 0.5, 1, 0.5]))
    #expect(
      agree(
        try numbersOf("HannWindow", [four], ["periodic": .int(0)]),
        [0, 0.75, 0.75, 0],
        within: 1e-7
      )
    )
    #expect(agree(try numbersOf("BlackmanWindow", [four]), [0, 0.34, 1, 0.34], within: 1e-7))
    #expect(
      agree(
        try numbersOf("HammingWindow", [four]),
        [4.0 / 46, 25.0 / 46, 1, 25.0 / 46],
        within: 1e-7
      )
    )
    #expect(try numbersOf("HannWindow", [Tensor(scalar: Int64(1))], ["periodic": .int(0)]) == [1])
  }

  @Test func uniformElementIsWordOfTheNodesStream() throws {
    let state = RandomState(seed: 7, step: 3)
    let drawn = try evaluated(
      "RandomUniform",
      [],
      ["shape": .ints([2, 3]), "low": .float(-1), "high": .float(3)],
      nodeIndex: 5,
      random: state
    )
    let block = Philox.block(seed: 7, stream: 5 << 40 | 3, index: 1)
    #expect(drawn[0].shape == [2, 3])
    #expect(drawn[0].elements(of: Float.self)[4] == -1 + 4 * Float(block.0 >> 8) * 0x1p-24)
  }

  @Test func normalNumbersHaveTheirMoments() throws {
    let attributes: [String: Attribute] = [
      "shape": .ints([10_000]), "mean": .float(2), "scale": .float(3),
    ]
    let drawn = try numbersOf("RandomNormal", [], attributes)
    let mean = drawn.reduce(0, +) / 10_000
    let variance = drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 10_000
    #expect(abs(mean - 2) < 0.1 && abs(variance - 9) < 0.4)
    #expect(drawn.allSatisfy { $0.isFinite })
  }

  @Test func bernoulliFollowsItsProbability() throws {
    let x = Tensor(repeating: 0.25, [4000])
    let drawn = try evaluated("Bernoulli", [x], ["dtype": .int(DType.bool.onnxCode)])[0]
    #expect(drawn.dtype == .bool)
    #expect(abs(drawn.doubles.reduce(0, +) / 4000 - 0.25) < 0.03)
    #expect(try numbersOf("Bernoulli", [doubles(0, 1)]) == [0, 1])
  }
}

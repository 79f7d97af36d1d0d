import GraphIR
import Tensors
import Testing

@testable import Engine

@Suite struct ReductionReferenceTests {
  private let x = Tensor([1, -2, 3, 4, 5, -6] as [Double], [2, 3])

  @Test(
    arguments: [
      ("ReduceSum", [2, 3]), ("ReduceMean", [2.0 / 3, 1]), ("ReduceMax", [3, 5]),
      ("ReduceMin", [-2, -6]), ("ReduceProd", [-6, -120]), ("ReduceSumSquare", [14, 77]),
      ("ReduceL1", [6, 15]), ("ReduceL2", [3.741657386773941, 8.774964387392123]),
      ("ReduceLogSum", [0.6931471805599453, 1.0986122886681098]),
      ("ReduceLogSumExp", [3.1328452337275756, 5.3132738973653228]),
    ] as [(String, [Double])]
  )
  func reducesRows(_ op: String, _ expected: [Double]) throws {
    let result = try evaluated(OperatorName(op), [x, integers(-1)])[0]
    #expect(result.shape == [2, 1])
    #expect(agree(result.doubles, expected, within: 1e-14))
  }

  @Test func severalAxesInAnyOrder() throws {
    let cube = Tensor((0..<12).map(Double.init), [2, 3, 2])
    let result = try evaluated("ReduceSum", [cube, integers(2, 0)], ["keepdims": .int(0)])
    #expect(result == [Tensor([14, 22, 30] as [Double], [3])])
  }

  @Test func noopStillSquares() throws {
    let result = try evaluated("ReduceSumSquare", [x], ["noop_with_empty_axes": .int(1)])
    #expect(result == [Tensor([1, 4, 9, 16, 25, 36] as [Double], [2, 3])])
    #expect(try numbersOf("ReduceSum", [x, integers()]) == [5])
  }

  @Test func nothingReducesToTheNeutralElement() throws {
    let empty = Tensor(zeros: .float64, [2, 0])
    #expect(try numbersOf("ReduceSum", [empty, integers(1)]) == [0, 0])
    #expect(try numbersOf("ReduceProd", [empty, integers(1)]) == [1, 1])
    #expect(try numbersOf("ReduceMax", [empty, integers(1)]) == [-.infinity, -.infinity])
    #expect(try numbersOf("ReduceLogSumExp", [empty, integers(1)]) == [-.infinity, -.infinity])
    #expect(try numbersOf("ReduceMin", [Tensor(zeros: .bool, [0])]) == [1])
    #expect(try evaluated("ReduceMax", [Tensor(zeros: .int64, [0])]) == [Tensor([Int64.min], [1])])
  }

  @Test func integersKeepTheirType() throws {
    let numbers = Tensor(vector: [3, 4] as [Int32])
    #expect(try evaluated("ReduceMean", [numbers]) == [Tensor(vector: [3] as [Int32])])
    #expect(try evaluated("ReduceL2", [numbers]) == [Tensor(vector: [5] as [Int32])])
  }

  @Test func extremesOfInfinityDoNotBecomeNotANumber() throws {
    #expect(try numbersOf("ReduceLogSumExp", [doubles(-.infinity, -.infinity)]) == [-.infinity])
    #expect(try numbersOf("ReduceLogSumExp", [doubles(1000, 1000)]) == [1000.693147180559945])
  }

  @Test func positionsOfTies() throws {
    let ties = Tensor([1, 3, 3, 2, 2, 1] as [Float], [2, 3])
    let axis: [String: Attribute] = ["axis": .int(1), "keepdims": .int(0)]
    #expect(try evaluated("ArgMax", [ties], axis) == [integers(1, 0)])
    let last = axis.merging(["select_last_index": .int(1)]) { $1 }
    #expect(try evaluated("ArgMax", [ties], last) == [integers(2, 1)])
    #expect(try evaluated("ArgMin", [ties], axis) == [integers(0, 2)])
    #expect(try numbersOf("ArgMin", [doubles(1, .nan, 0)]) == [1])
    #expect(throws: GraphError.self) { try evaluated("ArgMax", [Tensor(zeros: .float32, [0])]) }
  }

  @Test func cumulationsRunBothWays() throws {
    let numbers = integers(2, 3, 4)
    let zero = Tensor(scalar: Int64(0))
    #expect(try evaluated("CumSum", [numbers, zero]) == [integers(2, 5, 9)])
    #expect(
      try evaluated("CumSum", [numbers, zero], ["exclusive": .int(1)]) == [integers(0, 2, 5)]
    )
    #expect(try evaluated("CumSum", [numbers, zero], ["reverse": .int(1)]) == [integers(9, 7, 4)])
    #expect(
      try evaluated("CumProd", [numbers, zero], ["reverse": .int(1), "exclusive": .int(1)])
        == [integers(12, 4, 1)]
    )
    #expect(try numbersOf("CumSum", [x, Tensor(scalar: Int32(0))]) == [1, -2, 3, 5, 3, -3])
  }

  @Test func topKOrdersTiesByPosition() throws {
    let numbers = Tensor([4, 9, 9, 1, 0, 7] as [Float], [2, 3])
    let largest = try evaluated("TopK", [numbers, integers(2)])
    #expect(
      largest == [
        Tensor([9, 9, 7, 1] as [Float], [2, 2]), Tensor([1, 2, 2, 0] as [Int64], [2, 2]),
      ]
    )
    let smallest = try evaluated(
      "TopK",
      [numbers, integers(1)],
      ["axis": .int(0), "largest": .int(0)]
    )
    #expect(
      smallest == [Tensor([1, 0, 7] as [Float], [1, 3]), Tensor([1, 1, 1] as [Int64], [1, 3])]
    )
    #expect(try numbersOf("TopK", [doubles(1, .nan, 2), integers(3)])[1...] == [2, 1])
    #expect(throws: GraphError.self) { try evaluated("TopK", [numbers, integers(4)]) }
  }

  @Test func softmaxIsStable() throws {
    let logits = doubles(1000, 1000 + 1.0986122886681098)
    #expect(agree(try numbersOf("Softmax", [logits]), [0.25, 0.75], within: 1e-12))
    #expect(
      agree(
        try numbersOf("LogSoftmax", [logits]),
        [-1.3862943611198906, -0.2876820724517809],
        within: 1e-12
      )
    )
    #expect(try numbersOf("Hardmax", [x], ["axis": .int(0)]) == [0, 0, 1, 1, 1, 0])
  }
}

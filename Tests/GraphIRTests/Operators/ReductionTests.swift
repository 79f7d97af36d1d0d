import GraphIR
import Tensors
import Testing

@Suite struct ReductionTests {
  private let x = float("N", 3, 4)

  @Test func reducesOverKnownAxes() throws {
    let axes = [1: vector(-1, 1)]
    #expect(try inferred("ReduceSum", [x, int64(2)], values: axes) == [float("N", 1, 1)])
    #expect(
      try inferred("ReduceSum", [x, int64(2)], values: axes, ["keepdims": .int(0)]) == [float("N")]
    )
  }

  @Test func noAxesMeanAllOrNone() throws {
    #expect(try inferred("ReduceMax", [x]) == [float(1, 1, 1)])
    #expect(try inferred("ReduceMax", [x], ["keepdims": .int(0)]) == [float()])
    #expect(try inferred("ReduceMax", [x], ["noop_with_empty_axes": .int(1)]) == [x])
    #expect(try inferred("ReduceMax", [x, int64(0)], values: [1: vector()]) == [float(1, 1, 1)])
  }

  @Test func unknownAxesLeaveTheRank() throws {
    #expect(try inferred("ReduceMean", [x, int64(1)]) == [ValueType(.float32, .unknown(rank: 3))])
    #expect(
      try inferred("ReduceMean", [x, int64(1)], ["keepdims": .int(0)])
        == [ValueType(.float32, .unknown(rank: 2))]
    )
    #expect(try inferred("ReduceMean", [x, int64("K")], ["keepdims": .int(0)]) == [unranked])
    #expect(try inferred("ReduceMean", [unranked], ["keepdims": .int(0)]) == [float()])
  }

  @Test func axesOutOfRangeOrTwiceAreNamed() {
    #expect(
      inferenceFailure("ReduceL2", [x, int64(1)], values: [1: vector(3)])
        == "node node (ReduceL2): axis 3 is outside -3..<3 of a rank 3 tensor"
    )
    #expect(
      inferenceFailure("ReduceL2", [x, int64(2)], values: [1: vector(0, -3)])?
        .contains("axis 0 twice") == true
    )
  }

  @Test func positionsAreInt64() throws {
    #expect(
      try inferred("ArgMax", [x], ["axis": .int(-1), "keepdims": .int(0)]) == [int64("N", 3)]
    )
    #expect(try inferred("ArgMin", [unranked]) == [ValueType(.int64, .unranked)])
  }

  @Test func cumulativeChecksItsAxis() throws {
    #expect(try inferred("CumSum", [x, int64()]) == [x])
    #expect(inferenceFailure("CumSum", [x, int64(1)], values: [1: vector(5)]) != nil)
    #expect(inferenceFailure("CumSum", [x, int64(2)])?.contains("must be a scalar") == true)
  }

  @Test func topKReplacesTheAxis() throws {
    #expect(
      try inferred("TopK", [x, int64(1)], values: [1: vector(2)]) == [
        float("N", 3, 2), int64("N", 3, 2),
      ]
    )
    #expect(
      try inferred("TopK", [x, int64(1)], ["axis": .int(1)])
        == [float("N", .unknown, 4), int64("N", .unknown, 4)]
    )
    #expect(
      inferenceFailure("TopK", [x, int64(1)], values: [1: vector(5)])?.contains("k = 5") == true
    )
    #expect(inferenceFailure("TopK", [x, int64(1)], values: [1: vector(-1)]) != nil)
  }

  @Test func softmaxNeedsAnAxis() throws {
    #expect(try inferred("Softmax", [x], ["axis": .int(1)]) == [x])
    #expect(inferenceFailure("Softmax", [x], ["axis": .int(3)]) != nil)
    #expect(inferenceFailure("Softmax", [float()]) != nil)
  }
}

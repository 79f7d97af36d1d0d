import GraphIR
import Tensors
import Testing

@Suite struct GeneratorTests {
  @Test func constantHasTheTypeOfItsAttribute() throws {
    #expect(try inferred("Constant", [], ["value_ints": .ints([1, 2])]) == [int64(2)])
    #expect(try inferred("Constant", [], ["value_float": .float(1)]) == [float()])
    #expect(inferenceFailure("Constant", [])?.contains("exactly one") == true)
    #expect(
      inferenceFailure("Constant", [], ["value_string": .string("a")])?.contains("not supported")
        == true
    )
  }

  @Test func requestedShapeIsKnownAsFarAsItsValue() throws {
    #expect(
      try inferred("ConstantOfShape", [int64(2)], values: [0: vector(2, 0)]) == [float(2, 0)]
    )
    #expect(try inferred("ConstantOfShape", [int64(2)]) == [float(.unknown, .unknown)])
    #expect(try inferred("ConstantOfShape", [int64("R")]) == [unranked])
  }

  @Test func impossibleShapesAreErrors() {
    #expect(
      inferenceFailure("ConstantOfShape", [int64(1)], values: [0: vector(-2)])?
        .contains("negative dimension") == true
    )
    #expect(
      inferenceFailure("ConstantOfShape", [int64(2)], values: [0: vector(.max, .max)])?
        .contains("more than") == true
    )
    #expect(
      inferenceFailure("ConstantOfShape", [int64(.known(1 << 40))])?.contains("dimensions") == true
    )
  }

  @Test(
    arguments: [
      (1, 7, 2, 3), (1, 8, 2, 4), (5, -1, -2, 3), (3, 3, 1, 0), (0, 5, -1, 0),
      (Int64.min, Int64.min + 3, 2, 2),
    ] as [(Int64, Int64, Int64, Int)]
  )
  func rangeCountsElements(_ start: Int64, _ limit: Int64, _ delta: Int64, _ count: Int) throws {
    let values = [0: Tensor(scalar: start), 1: Tensor(scalar: limit), 2: Tensor(scalar: delta)]
    #expect(
      try inferred("Range", [int64(), int64(), int64()], values: values) == [int64(.known(count))]
    )
  }

  @Test func rangesWithoutEndAreErrors() {
    let types = [int64(), int64(), int64()]
    for (start, limit, delta) in [(0, 1, 0), (.min, .max, 1), (0, .max, 1)]
      as [(Int64, Int64, Int64)]
    {
      let values = [0: Tensor(scalar: start), 1: Tensor(scalar: limit), 2: Tensor(scalar: delta)]
      #expect(inferenceFailure("Range", types, values: values) != nil)
    }
    let floats = [
      0: Tensor(scalar: Float(0)), 1: Tensor(scalar: Float.infinity), 2: Tensor(scalar: Float(1)),
    ]
    #expect(inferenceFailure("Range", [float(), float(), float()], values: floats) != nil)
  }

  @Test func oneHotInsertsAnAxis() throws {
    let types = [int64("N"), int64(), float(2)]
    #expect(
      try inferred("OneHot", types, values: [1: Tensor(scalar: Int64(10))]) == [float("N", 10)]
    )
    #expect(
      try inferred("OneHot", types, ["axis": .int(0)]) == [float(.unknown, "N")]
    )
    #expect(inferenceFailure("OneHot", [int64("N"), int64(), float(3)]) != nil)
    #expect(inferenceFailure("OneHot", types, values: [1: Tensor(scalar: Int64(-1))]) != nil)
  }

  @Test func matricesAreChecked() throws {
    #expect(try inferred("EyeLike", [float("N", 3)], ["dtype": .int(7)]) == [int64("N", 3)])
    #expect(inferenceFailure("EyeLike", [float("N")]) != nil)
    #expect(inferenceFailure("Trilu", [float(3)]) != nil)
    #expect(try inferred("Det", [float("N", 3, 3)]) == [float("N")])
    #expect(inferenceFailure("Det", [float(2, 3)])?.contains("square") == true)
  }

  @Test func randomTensorsAreFloatingPoint() throws {
    #expect(try inferred("RandomNormal", [], ["shape": .ints([2, 3])]) == [float(2, 3)])
    #expect(inferenceFailure("RandomNormal", []) != nil)
    #expect(inferenceFailure("RandomNormal", [], ["shape": .ints([-1])]) != nil)
    #expect(inferenceFailure("RandomUniformLike", [int64(2)]) != nil)
    #expect(try inferred("RandomUniformLike", [int64("N")], ["dtype": .int(1)]) == [float("N")])
    #expect(
      try inferred("Bernoulli", [float("N")], ["dtype": .int(9)]) == [ValueType(.bool, ["N"])]
    )
  }

  @Test func windowsHaveTheirSize() throws {
    #expect(
      try inferred("HannWindow", [int64()], values: [0: Tensor(scalar: Int64(8))]) == [float(8)]
    )
    #expect(try inferred("HannWindow", [int64()]) == [float(.unknown)])
    #expect(
      inferenceFailure("HannWindow", [int64()], values: [0: Tensor(scalar: Int64(-1))]) != nil
    )
  }
}

import GraphIR
import Tensors
import Testing

@Suite struct ElementwiseTests {
  @Test func unaryKeepsTypeAndSymbols() throws {
    #expect(try inferred("Tanh", [float("N", 3)]) == [float("N", 3)])
    #expect(try inferred("Abs", [ValueType(.int8, .unranked)]) == [ValueType(.int8, .unranked)])
  }

  @Test func unaryRefusesTypesThatONNXDoesNotAllow() {
    #expect(
      inferenceFailure("Exp", [int64(2)])
        == "node node (Exp): input 0 is int64[2]; it must hold float32, float64, float16, bfloat16"
    )
    #expect(inferenceFailure("Neg", [ValueType(.uint8, [2])]) != nil)
    #expect(inferenceFailure("BitwiseNot", [float(2)]) != nil)
  }

  @Test func predicatesGiveBool() throws {
    #expect(try inferred("IsNaN", [float("N")]) == [ValueType(.bool, ["N"])])
  }

  @Test func clipNeedsScalarBoundsOfItsType() throws {
    #expect(try inferred("Clip", [float("N"), nil, float()]) == [float("N")])
    #expect(inferenceFailure("Clip", [float("N"), float(2)])?.contains("must be a scalar") == true)
    #expect(inferenceFailure("Clip", [float("N"), int64()])?.contains("same element type") == true)
  }

  @Test(arguments: [
    (float(2, 3), float(3), float(2, 3)),
    (float("N", 1), float(1, "T"), float("N", "T")),
    (float("N"), float("N"), float("N")),
    (float("N"), float("M"), float(.unknown)),
    (float("N"), float(4), float(4)),
    (float(0), float(1), float(0)),
    (float(.unknown), float(1), float(.unknown)),
    (unranked, float(2), unranked),
    (float(), float("N", 2), float("N", 2)),
  ])
  func binaryBroadcasts(_ left: ValueType, _ right: ValueType, _ result: ValueType) throws {
    #expect(try inferred("Add", [left, right]) == [result])
    #expect(try inferred("Mul", [right, left]) == [result])
  }

  @Test func shapesThatDoNotBroadcastAreNamed() {
    #expect(
      inferenceFailure("Add", [float(2, 3), float(4)])
        == "node node (Add): input 1 is float32[4], which does not broadcast with [2,3]"
    )
  }

  @Test func operandsMustShareAnElementType() {
    #expect(
      inferenceFailure("Sub", [float(2), int64(2)])
        == "node node (Sub): inputs 0 and 1 must hold the same element type; "
        + "they are float32[2] and int64[2]"
    )
  }

  @Test func powerTakesTheTypeOfItsBase() throws {
    #expect(try inferred("Pow", [int64("N"), float()]) == [int64("N")])
  }

  @Test func comparisonsGiveBool() throws {
    #expect(try inferred("Less", [float("N", 1), float(4)]) == [ValueType(.bool, ["N", 4])])
  }

  @Test func variadicTakesAnyNumberOfOperands() throws {
    #expect(try inferred("Max", [float(3)]) == [float(3)])
    #expect(try inferred("Sum", [float(3), float("N", 1), float()]) == [float("N", 3)])
  }

  @Test func slopeMustNotEnlarge() throws {
    #expect(try inferred("PRelu", [float("N", 3, 8), float(3, 1)]) == [float("N", 3, 8)])
    #expect(inferenceFailure("PRelu", [float(1, 3), float(2, 3)]) != nil)
    #expect(inferenceFailure("PRelu", [float(3), float(1, 3)]) != nil)
  }

  @Test func whereBroadcastsThreeOperands() throws {
    let condition = ValueType(.bool, ["N", 1])
    #expect(try inferred("Where", [condition, float(3), float()]) == [float("N", 3)])
    #expect(inferenceFailure("Where", [float(3), float(3), float(3)]) != nil)
  }

  @Test func attributesAreChecked() {
    #expect(inferenceFailure("BitShift", [int64(1), int64(1)])?.contains("LEFT or RIGHT") == true)
    #expect(
      inferenceFailure("Gelu", [float(1)], ["approximate": .string("erf")])?.contains(
        "none or tanh"
      )
        == true
    )
  }

  @Test func castReadsONNXTypeNumbers() throws {
    #expect(try inferred("Cast", [float("N")], ["to": .int(7)]) == [int64("N")])
    #expect(try inferred("CastLike", [float("N"), int64(2)]) == [int64("N")])
    #expect(
      inferenceFailure("Cast", [float("N")], ["to": .int(8)])?.contains("not supported") == true
    )
    #expect(inferenceFailure("Cast", [float("N")])?.contains("required") == true)
    #expect(inferenceFailure("BitCast", [float("N")], ["to": .int(7)])?.contains("4 bytes") == true)
  }

  @Test(arguments: DType.allCases) func typeNumbersRoundTrip(_ dtype: DType) {
    #expect(DType(onnxCode: dtype.onnxCode) == dtype)
  }
}

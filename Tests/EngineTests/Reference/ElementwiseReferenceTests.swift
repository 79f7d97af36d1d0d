import GraphIR
import Tensors
import Testing

@testable import Engine

@Suite struct ElementwiseReferenceTests {
  // Expected numbers: mpmath 1.4 with 30 digits, at the doubles nearest to 0.7 and 1.7.
  @Test(
    arguments: [
      ("Exp", 0.7, 2.01375270747047643), ("Log", 0.7, -0.356674943938732442),
      ("Sin", 0.7, 0.64421768723769102), ("Cos", 0.7, 0.764842187284488455),
      ("Tan", 0.7, 0.842288380463079372), ("Asin", 0.7, 0.775397496610753002),
      ("Acos", 0.7, 0.795398830184143618), ("Atan", 0.7, 0.610725964389208587),
      ("Sinh", 0.7, 0.758583701839533448), ("Cosh", 0.7, 1.25516900563094298),
      ("Asinh", 0.7, 0.65266656608235575), ("Acosh", 1.7, 1.12323098258729586),
      ("Atanh", 0.7, 0.867300527694053107), ("Tanh", 0.7, 0.604367777117163468),
      ("Erf", 0.7, 0.677801193837418442), ("Sigmoid", 0.7, 0.668187772168166097),
      ("Softplus", 0.7, 1.10318604888545786), ("Gelu", 0.7, 0.530625443443848846),
      ("Mish", 0.7, 0.561148377643851859), ("Sqrt", 0.7, 0.836660026534075521),
    ] as [(String, Double, Double)]
  )
  func elementaryFunctionsAreExactInDouble(_ op: String, _ x: Double, _ expected: Double) throws {
    #expect(agree(try numbersOf(OperatorName(op), [doubles(x)]), [expected], within: 4e-16))
  }

  @Test func halvesRoundToEven() throws {
    #expect(try numbersOf("Round", [doubles(0.5, 1.5, 2.5, -0.5, -2.5)]) == [0, 2, 2, 0, -2])
  }

  @Test func activationsFollowTheirAttributes() throws {
    let x = doubles(-2, 0, 3)
    #expect(try numbersOf("LeakyRelu", [x], ["alpha": .float(0.5)]) == [-1, 0, 3])
    #expect(try numbersOf("HardSigmoid", [x], ["alpha": .float(0.25)]) == [0, 0.5, 1])
    #expect(try numbersOf("ThresholdedRelu", [x], ["alpha": .float(1)]) == [0, 0, 3])
    #expect(try numbersOf("HardSwish", [x]) == [-2 * (0.5 - 1.0 / 3), 0, 3])
    #expect(
      try numbersOf("Shrink", [x], ["lambd": .float(1.5), "bias": .float(1)]) == [-1, 0, 2]
    )
    #expect(agree(try numbersOf("Elu", [x]), [-0.864664716763387308, 0, 3]))
    #expect(
      agree(
        try numbersOf("Celu", [x], ["alpha": .float(2)]),
        [2 * -0.632120558828557678, 0, 3]
      )
    )
    #expect(
      agree(try numbersOf("Swish", [doubles(2)], ["alpha": .float(0.5)]), [1.462117157260009758])
    )
  }

  @Test func largeArgumentsDoNotOverflow() throws {
    #expect(try numbersOf("Softplus", [doubles(800, -800)]) == [800, 0])
    #expect(try numbersOf("Sigmoid", [doubles(800, -800)]) == [1, 0])
  }

  @Test func integersWrap() throws {
    let x = Tensor(vector: [-128, 127, 0] as [Int8])
    #expect(try numbersOf("Abs", [x]) == [-128, 127, 0])
    #expect(try numbersOf("Neg", [x]) == [-128, -127, 0])
    #expect(try numbersOf("Add", [x, x]) == [0, -2, 0])
    #expect(try numbersOf("Mul", [x, Tensor(scalar: Int8(-1))]) == [-128, -127, 0])
    #expect(try numbersOf("BitwiseNot", [Tensor(vector: [0, 255] as [UInt8])]) == [255, 0])
  }

  @Test func integerDivisionTruncatesAndNeverTraps() throws {
    let a = integers(7, -7, 5, .min)
    let b = integers(2, 2, 0, -1)
    #expect(try evaluated("Div", [a, b]) == [integers(3, -3, 0, .min)])
    #expect(try evaluated("Mod", [a, b]) == [integers(1, 1, 0, 0)])
    #expect(try evaluated("Mod", [a, b], ["fmod": .int(1)]) == [integers(1, -1, 0, 0)])
  }

  @Test func floatingRemainderHasTheSignThatFmodChooses() throws {
    let (a, b) = (doubles(-7.5, 7.5), doubles(2, -2))
    #expect(try numbersOf("Mod", [a, b], ["fmod": .int(1)]) == [-1.5, 1.5])
    #expect(try numbersOf("Mod", [a, b]) == [0.5, -0.5])
  }

  @Test func powerMixesTypes() throws {
    #expect(
      try evaluated("Pow", [integers(2, -1, 0, 3), integers(10, -3, -1, -1)]) == [
        integers(1024, -1, 0, 0)
      ]
    )
    #expect(try evaluated("Pow", [integers(2, 9), floats(0.5)]) == [integers(1, 3)])
    #expect(try evaluated("Pow", [floats(4, 2), integers(-1)]) == [floats(0.25, 0.5)])
    #expect(try evaluated("Pow", [integers(10), integers(.max)])[0].shape == [1])
  }

  @Test func operandsBroadcast() throws {
    let column = Tensor([10, 20] as [Float], [2, 1])
    #expect(
      try evaluated("Sub", [column, floats(1, 2, 3)])
        == [Tensor([9, 8, 7, 19, 18, 17] as [Float], [2, 3])]
    )
    #expect(try evaluated("Max", [floats(1, 5), floats(2), floats(0, 9)]) == [floats(2, 9)])
    #expect(try evaluated("Mean", [floats(1, 5), floats(2)]) == [floats(1.5, 3.5)])
    let empty = Tensor(zeros: .float32, [0, 2])
    #expect(try evaluated("Add", [empty, floats(1, 2)]) == [empty])
  }

  @Test func notANumberSpreadsThroughExtremes() throws {
    for op in ["Max", "Min"] as [OperatorName] {
      #expect(try numbersOf(op, [doubles(.nan, 1), doubles(1, .nan)]).allSatisfy { $0.isNaN })
    }
    #expect(try numbersOf("Relu", [doubles(.nan)])[0].isNaN)
    #expect(try numbersOf("Clip", [doubles(.nan), Tensor(scalar: 0.0)])[0].isNaN)
  }

  @Test func clipLetsTheUpperBoundWin() throws {
    #expect(
      try numbersOf("Clip", [doubles(-5, 0, 5), Tensor(scalar: 2.0), Tensor(scalar: 1.0)]) == [
        1, 1, 1,
      ]
    )
    #expect(try numbersOf("Clip", [integers(-5, 5), nil, Tensor(scalar: Int64(1))]) == [-5, 1])
  }

  @Test func comparisonsAndLogicGiveBool() throws {
    #expect(
      try evaluated("Less", [integers(1, .max), integers(2, .max - 1)]) == [
        Tensor(vector: [true, false])
      ]
    )
    #expect(try numbersOf("Equal", [doubles(.nan, 1), doubles(.nan, 1)]) == [0, 1])
    let (a, b) = (Tensor(vector: [true, true, false]), Tensor(vector: [true, false, false]))
    #expect(try evaluated("And", [a, b]) == [Tensor(vector: [true, false, false])])
    #expect(try evaluated("Or", [a, b]) == [Tensor(vector: [true, true, false])])
    #expect(try evaluated("Xor", [a, b]) == [Tensor(vector: [false, true, false])])
    #expect(try evaluated("Not", [a]) == [Tensor(vector: [false, false, true])])
    #expect(
      try evaluated("IsInf", [doubles(-.infinity, .infinity, 1)], ["detect_negative": .int(0)])
        == [Tensor(vector: [false, true, false])]
    )
  }

  @Test func shiftsBeyondTheWidthGiveZero() throws {
    let x = Tensor(vector: [0x81, 1] as [UInt8])
    let distance = Tensor(vector: [1, 9] as [UInt8])
    #expect(try numbersOf("BitShift", [x, distance], ["direction": .string("LEFT")]) == [2, 0])
    #expect(try numbersOf("BitShift", [x, distance], ["direction": .string("RIGHT")]) == [64, 0])
  }

  @Test func whereChoosesEveryType() throws {
    let condition = Tensor(vector: [true, false])
    #expect(
      try evaluated("Where", [condition, integers(1), integers(2, .max)]) == [integers(1, .max)]
    )
    #expect(
      try evaluated("Where", [condition, condition, Tensor(scalar: true)])
        == [Tensor(vector: [true, true])]
    )
  }

  @Test func halfPrecisionRoundsOnce() throws {
    let x = Tensor(vector: [2048, 1] as [Float16])
    #expect(
      try evaluated("Add", [x, Tensor(scalar: Float16(3))]) == [
        Tensor(vector: [2052, 4] as [Float16])
      ]
    )
    let third = try evaluated("Reciprocal", [Tensor(scalar: BFloat16(3))])
    #expect(third == [Tensor(scalar: BFloat16(bitPattern: 0x3EAB))])
  }
}

import Engine
import GraphIR
import Tensors
import Testing

@Suite struct MovementReferenceTests {
  private let x = Tensor(vector: [1, 2, 3] as [Int16])

  @Test(arguments: [
    ("constant", [0, 0, 0, 0, 1, 2, 3, 0] as [Int16]),
    ("edge", [1, 1, 1, 1, 1, 2, 3, 3]),
    ("wrap", [3, 1, 2, 3, 1, 2, 3, 1]),
    ("reflect", [1, 2, 3, 2, 1, 2, 3, 2]),
  ])
  func padRepeatsBeyondTheLength(mode: String, expected: [Int16]) throws {
    let pads = Tensor(vector: [4, 1] as [Int64])
    let y = try runReference("Pad", [x, pads], ["mode": .string(mode)])[0]
    #expect(y.elements(of: Int16.self) == expected)
  }

  @Test func negativePadsCutOff() throws {
    let pads = Tensor(vector: [-2, 1] as [Int64])
    let fill = Tensor(scalar: Int16(9))
    #expect(try runReference("Pad", [x, pads, fill])[0] == Tensor(vector: [3, 9] as [Int16]))
  }

  @Test func sliceStepsBackwards() throws {
    let bounds = [[-1], [.min], [0], [-2]].map { Tensor(vector: $0 as [Int64]) }
    #expect(try runReference("Slice", [x] + bounds)[0] == Tensor(vector: [3, 1] as [Int16]))
  }

  @Test func emptyTensorsMove() throws {
    let empty = Tensor(zeros: .float32, [0, 3])
    #expect(try runReference("Transpose", [empty])[0].shape == [3, 0])
    #expect(try runReference("Concat", [empty, empty], ["axis": .int(1)])[0].shape == [0, 6])
    let repeats = Tensor(vector: [2, 2] as [Int64])
    #expect(try runReference("Tile", [empty, repeats])[0].shape == [0, 6])
  }

  @Test func reshapeOfAnEmptyBatchStillInfersTheOthers() throws {
    let empty = Tensor(zeros: .float32, [0, 3, 4])
    let shape = Tensor(vector: [0, -1] as [Int64])
    #expect(try runReference("Reshape", [empty, shape])[0].shape == [0, 12])
  }

  @Test func matMulOfIntegersWrapsAndNeverTraps() throws {
    let a = Tensor([.max, 1] as [Int32], [1, 2])
    let b = Tensor([2, 3] as [Int32], [2, 1])
    #expect(try runReference("MatMul", [a, b])[0].elements(of: Int32.self) == [1])
  }
}

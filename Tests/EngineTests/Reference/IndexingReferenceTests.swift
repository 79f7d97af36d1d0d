import Engine
import GraphIR
import Tensors
import Testing

@Suite struct IndexingReferenceTests {
  private let data = Tensor([1, 2, 3, 4, 5, 6] as [Float], [3, 2])

  @Test func negativeIndicesCountFromTheEndAndOthersAreErrors() throws {
    let rows = try runReference("Gather", [data, Tensor(vector: [-1, 0] as [Int64])])[0]
    #expect(rows == Tensor([5, 6, 1, 2] as [Float], [2, 2]))
    for index: Int64 in [3, -4, .min] {
      #expect(throws: GraphError.self) {
        try runReference("Gather", [data, Tensor(vector: [index])])
      }
    }
  }

  @Test func gatherGradientAddsUpRepeatedRows() throws {
    let dy = Tensor([1, 2, 10, 20, 100, 200] as [Float], [3, 2])
    let indices = Tensor(vector: [2, 0, -1] as [Int64])
    let shape = Tensor(vector: [3, 2] as [Int64])
    let gradient = try runReference(.martlet("GatherGradient"), [dy, indices, shape])[0]
    #expect(gradient == Tensor([10, 20, 0, 0, 101, 202] as [Float], [3, 2]))
  }

  @Test(arguments: [
    ("none", [9, 2] as [Int32]), ("add", [17, 2]), ("mul", [63, 2]), ("min", [1, 2]),
    ("max", [9, 2]),
  ])
  func scatterCombines(reduction: String, expected: [Int32]) throws {
    let result = try runReference(
      "ScatterElements",
      [
        Tensor(vector: [1, 2] as [Int32]), Tensor(vector: [0, -2] as [Int64]),
        Tensor(vector: [7, 9] as [Int32]),
      ],
      ["reduction": .string(reduction)]
    )[0]
    #expect(result.elements(of: Int32.self) == expected)
  }

  @Test func uniqueKeepsFirstAppearancesWithoutSorting() throws {
    let x = Tensor(vector: [3, 1, 3, 2] as [Int64])
    let outputs = try runReference("Unique", [x], ["sorted": .int(0)], outputs: 4)
    #expect(
      outputs.map { $0.elements(of: Int64.self) } == [
        [3, 1, 2], [0, 1, 3], [0, 1, 0, 2], [2, 1, 1],
      ]
    )
  }

  @Test func nonZeroListsIndicesByDimension() throws {
    let x = Tensor([0, 7, 8, 0] as [Float], [2, 2])
    #expect(try runReference("NonZero", [x])[0] == Tensor([0, 1, 1, 0] as [Int64], [2, 2]))
  }
}

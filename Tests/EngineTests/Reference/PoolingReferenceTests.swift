import Engine
import GraphIR
import Tensors
import Testing

@Suite struct PoolingReferenceTests {
  private let window: [String: Attribute] = [
    "kernel_shape": .ints([3, 2]), "strides": .ints([2, 1]), "pads": .ints([1, 0, 1, 1]),
  ]

  @Test func maximumComesWithItsIndexInBothOrders() throws {
    let x = Tensor([1, 5, 2, 7, 3, 4] as [Float], [1, 1, 2, 3])
    let kernel: [String: Attribute] = ["kernel_shape": .ints([2, 2])]
    let rows = try runReference("MaxPool", [x], kernel, outputs: 2)
    #expect(rows[0] == Tensor([7, 5] as [Float], [1, 1, 1, 2]))
    #expect(rows[1] == Tensor([3, 1] as [Int64], [1, 1, 1, 2]))
    let columns = try runReference(
      "MaxPool",
      [x],
      kernel.merging(["storage_order": .int(1)]) { $1 },
      outputs: 2
    )
    #expect(columns[1] == Tensor([1, 2] as [Int64], [1, 1, 1, 2]))
  }

  @Test func averageCountsPaddingWhenAsked() throws {
    let x = Tensor([2, 4] as [Float], [1, 1, 2])
    var attributes: [String: Attribute] = ["kernel_shape": .ints([2]), "pads": .ints([1, 1])]
    #expect(
      try runReference("AveragePool", [x], attributes)[0]
        == Tensor([2, 3, 4] as [Float], [1, 1, 3])
    )
    attributes["count_include_pad"] = .int(1)
    #expect(
      try runReference("AveragePool", [x], attributes)[0]
        == Tensor([1, 3, 2] as [Float], [1, 1, 3])
    )
  }

  @Test func windowBeyondThePaddingCountsOnlyWhatIsPadded() throws {
    let x = Tensor([1, 2, 3, 4] as [Float], [1, 1, 4])
    let y = try runReference(
      "AveragePool",
      [x],
      [
        "kernel_shape": .ints([3]), "strides": .ints([2]), "ceil_mode": .int(1),
        "count_include_pad": .int(1),
      ]
    )
    #expect(y[0] == Tensor([2, 3.5] as [Float], [1, 1, 2]))
  }

  @Test func gradientsMatchCentralDifferences() throws {
    let x = noise([2, 2, 5, 4], seed: 5)
    for (op, countsPadding) in [("MaxPool", 0), ("AveragePool", 0), ("AveragePool", 1)] {
      let attributes =
        op == "MaxPool"
        ? window : window.merging(["count_include_pad": .int(countsPadding)]) { $1 }
      let y = try runReference(OperatorName(op), [x], attributes)[0]
      let dy = noise(y.shape, seed: 6)
      let dx =
        op == "MaxPool"
        ? try runReference(.martlet("MaxPoolGradient"), [x, dy], attributes)[0]
        : try runReference(
          .martlet("AveragePoolGradient"),
          [dy, Tensor(vector: [2, 2, 5, 4] as [Int64])],
          attributes
        )[0]
      let numerical = try numericalGradient(of: 0, [x]) {
        innerProduct(try runReference(OperatorName(op), $0, attributes)[0], dy)
      }
      #expect(distance(dx.elements(), numerical) < 1e-7, "\(op)")
    }
  }

  @Test func equalMaximaGiveTheGradientToTheFirst() throws {
    let x = Tensor([3, 3, 1] as [Float], [1, 1, 3])
    let dy = Tensor([10, 20] as [Float], [1, 1, 2])
    let dx = try runReference(
      .martlet("MaxPoolGradient"),
      [x, dy],
      ["kernel_shape": .ints([2])]
    )[0]
    #expect(dx == Tensor([10, 20, 0] as [Float], [1, 1, 3]))
  }
}

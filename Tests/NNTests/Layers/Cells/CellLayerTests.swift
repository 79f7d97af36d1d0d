import GraphIR
import NN
import TestSupport
import Tensors
import Testing

/// Shape, parameters, gradients in Double (training and inference) and independence of a batch's rows in inference.
@Suite struct CellLayerTests {
  static let cells: [(cell: any StepCell, parameterCount: Int)] = [
    (RNNCell(units: 3), 3 * 2 + 9 + 3),
    (RNNCell(units: 3, normalization: BatchNorm("bn")), 3 * 2 + 9 + 3 + 6),
    (LSTMCell(units: 3), 12 * 2 + 36 + 12),
    (LSTMCell(units: 3, normalization: BatchNorm("bn")), 12 * 2 + 36 + 12 + 24),
    (GRUCell(units: 3), 9 * 2 + 27 + 9 + 3),
    (GRUCell(units: 3, resetsAfterProduct: false), 9 * 2 + 27 + 9),
    (LayerNormLSTMCell(units: 3), 12 * 2 + 36 + 12 + 24 + 6),
    (BatchNormLSTMCell(units: 3, statisticsSteps: 2), 12 * 2 + 36 + 12 + 24 + 6),
  ]

  @Test(arguments: cells.indices) func cellsAreLayers(index: Int) throws {
    let (cell, count) = Self.cells[index]
    try checkLayer(input: [4, 2], output: [4, 3], parameterCount: count) { x, context in
      try CellLayer("cell", cell)(x, in: &context).steps
    }
  }
}

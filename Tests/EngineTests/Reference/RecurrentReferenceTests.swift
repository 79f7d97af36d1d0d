import GraphIR
import Tensors
import Testing

@testable import Engine

@Suite struct RecurrentReferenceTests {
  private let hidden = 3

  private func floatNoise(_ shape: Shape, seed: UInt64) -> Tensor {
    Tensor(noise(shape, seed: seed).elements(of: Double.self).map { Float($0) }, shape)
  }

  private func weights(_ cell: RecurrentCell) -> [Tensor?] {
    let gates = cell.gateCount * hidden
    return [
      floatNoise([1, gates, 2], seed: 1), floatNoise([1, gates, hidden], seed: 2),
      floatNoise([1, 2 * gates], seed: 3),
    ]
  }

  /// h' = tanh(w x + r h + b): w = 1, r = 2, b = 0.5 + 0.25.
  @Test func twoStepsOfTheSimplestCellByHand() throws {
    let outputs = try evaluated(
      "RNN",
      [
        Tensor([1, -1] as [Double], [2, 1, 1]), Tensor([1] as [Double], [1, 1, 1]),
        Tensor([2] as [Double], [1, 1, 1]), Tensor([0.5, 0.25] as [Double], [1, 2]),
      ],
      ["activations": .strings(["Affine"])]
    )
    // 1 + 0.75 = 1.75; -1 + 2 * 1.75 + 0.75 = 3.25.
    #expect(outputs[0].elements(of: Double.self) == [1.75, 3.25])
    #expect(outputs[1].elements(of: Double.self) == [3.25])
  }

  @Test(arguments: RecurrentCell.allCases)
  func aSequenceCutAnywhereGivesTheSameBits(_ cell: RecurrentCell) throws {
    let x = floatNoise([5, 2, 2], seed: 4)
    let whole = try evaluated(cell.op, [x] + weights(cell))
    var states: [Tensor?] = [Tensor](repeating: Tensor(zeros: .float32, [1, 2, hidden]), count: 2)
    let elements = x.elements(of: Float.self)
    for t in 0..<5 {
      let step = Tensor(Array(elements[t * 4..<(t + 1) * 4]), [1, 2, 2])
      let outputs = try evaluated(
        cell.op,
        [step] + weights(cell) + [nil] + states.prefix(cell == .lstm ? 2 : 1)
      )
      #expect(
        outputs[0].elements(of: Float.self)
          == Array(whole[0].elements(of: Float.self)[t * 6..<(t + 1) * 6])
      )
      states = [outputs[1], cell == .lstm ? outputs[2] : nil]
    }
    #expect(states[0] == whole[1])
  }

  @Test(arguments: RecurrentCell.allCases)
  func aSequenceOfLengthZeroKeepsItsState(_ cell: RecurrentCell) throws {
    let state = floatNoise([1, 2, hidden], seed: 5)
    let states: [Tensor?] = cell == .lstm ? [state, state] : [state]
    let lengths = Tensor(vector: [0, 2] as [Int32])
    let outputs = try evaluated(
      cell.op,
      [floatNoise([2, 2, 2], seed: 6)] + weights(cell) + [lengths] + states
    )
    #expect(
      outputs[1].elements(of: Float.self).prefix(3) == state.elements(of: Float.self).prefix(3)
    )
    // Both steps of sequence 0 are behind its end.
    let y = outputs[0].elements(of: Float.self)
    #expect(y[0..<3].allSatisfy { $0 == 0 } && y[6..<9].allSatisfy { $0 == 0 })
    #expect(y[3..<6].allSatisfy { $0 != 0 })
  }

  @Test func reserveHoldsTheGatesAndWhatTheGradientNeeds() throws {
    let x = Tensor([2] as [Double], [1, 1, 1])
    func constant(_ numbers: [Double], _ shape: Shape) -> Tensor { Tensor(numbers, shape) }
    let affine: [String: Attribute] = [
      "activations": .strings(["Affine", "Affine", "Affine"])
    ]
    // Gates i, o, f, c~ are w x = 2, 4, 6, 8; c' = 6 * 0.5 + 2 * 8.
    let lstm = try evaluated(
      "LSTM",
      [
        x, constant([1, 2, 3, 4], [1, 4, 1]), constant([0, 0, 0, 0], [1, 4, 1]), nil, nil,
        constant([0], [1, 1, 1]), constant([0.5], [1, 1, 1]),
      ],
      affine
    )
    #expect(lstm[3].elements(of: Double.self) == [2, 4, 6, 8, 19])
    #expect(lstm[0].elements(of: Double.self) == [4 * 19])
    // z, r, h~ = 2, 4, 6 + r * h R or R (r * h), with h = 3 and R = 0.5 for the candidate.
    for (isAfter, candidate, part) in [(0, 12.0, 12.0), (1, 12.0, 1.5)] {
      let gru = try evaluated(
        "GRU",
        [
          x, constant([1, 2, 3], [1, 3, 1]), constant([0, 0, 0.5], [1, 3, 1]), nil, nil,
          constant([3], [1, 1, 1]),
        ],
        [
          "activations": .strings(["Affine", "Affine"]), "linear_before_reset": .int(isAfter),
        ]
      )
      #expect(gru[2].elements(of: Double.self) == [2, 4, candidate, part])
      #expect(gru[0].elements(of: Double.self) == [(1 - 2) * candidate + 2 * 3])
    }
  }

  @Test(arguments: [[Int32(-1), 1], [1, 3]])
  func lengthsOutsideTheStepsAreRefused(_ lengths: [Int32]) throws {
    #expect(throws: GraphError.self) {
      try evaluated(
        "RNN",
        [floatNoise([2, 2, 2], seed: 7)] + weights(.rnn) + [Tensor(vector: lengths)]
      )
    }
  }
}

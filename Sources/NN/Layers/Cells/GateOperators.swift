import GraphIR
import Tensors

// What cells are written with.
extension LayerContext {
  /// The weights of a cell's input: x W^T for every step, x [T, N, I], W `input_weight` [G H, I] (Glorot uniform by gate); [T, N, G H].
  mutating func inputProduct(
    _ x: ValueID,
    gates: Int,
    units: Int
  ) throws(GraphError) -> ValueID {
    let inputs = try size(of: x, axis: 2, for: "input_weight")
    let limit = (6 / Float(inputs + units)).squareRoot()
    let weight = try variable(
      "input_weight",
      [gates * units, inputs],
      .uniform(low: -limit, high: limit),
      isDecayed: true
    )
    return try apply("MatMul", x, apply("Transpose", weight, attributes: ["perm": .ints([1, 0])]))
  }

  /// R `recurrent_weight` [G H, H], orthogonal by gate.
  mutating func recurrentWeight(gates: Int, units: Int) throws(GraphError) -> ValueID {
    try variable("recurrent_weight", [gates * units, units], .orthogonalGates(), isDecayed: true)
  }

  /// h R^T.
  mutating func recurrentProduct(_ h: ValueID, _ weight: ValueID) throws(GraphError) -> ValueID {
    try apply("Gemm", h, weight, attributes: ["transB": .int(1)])
  }

  /// The bias of LSTM gates i, o, f, c [4 H]: ones for the forget gate (Jozefowicz, Zaremba, Sutskever 2015), else zeros.
  mutating func forgetBias(units: Int) throws(GraphError) -> ValueID {
    var numbers = [Float](repeating: 0, count: 4 * units)
    numbers.replaceSubrange(2 * units..<3 * units, with: repeatElement(1, count: units))
    return try variable("bias", initial: Tensor(vector: numbers))
  }

  /// [N, G H] as G values [N, H].
  mutating func gates(_ value: ValueID, _ count: Int) throws(GraphError) -> [ValueID] {
    try graph.apply(
      "Split",
      [value],
      ["axis": .int(-1), "num_outputs": .int(count)],
      name: graph.freshName(scopedName("Split")),
      outputCount: count
    ).compactMap { $0 }
  }

  /// c' = sigmoid(f) c + sigmoid(i) tanh(g) from gates i, o, f, g [N, 4 H]; also sigmoid(o).
  mutating func cellState(
    _ sums: ValueID,
    _ c: ValueID
  ) throws(GraphError) -> (cell: ValueID, outputGate: ValueID) {
    let parts = try gates(sums, 4)
    let input = try apply("Sigmoid", parts[0])
    let forget = try apply("Sigmoid", parts[2])
    let candidate = try apply("Tanh", parts[3])
    let new = try apply("Add", apply("Mul", forget, c), apply("Mul", input, candidate))
    return (new, try apply("Sigmoid", parts[1]))
  }

  /// The mask of variational dropout on the hidden state (Gal & Ghahramani 2016), drawn once for each sequence: [N, H], nothing outside of
  /// training.
  mutating func hiddenMask(
    _ rate: Float,
    units: Int,
    of x: ValueID
  ) throws(GraphError) -> [ValueID] {
    guard mode == .training, rate != 0 else { return [] }
    return [try Dropout(rate)(rows(units, of: x, filledWith: 1), in: &self)]
  }

  /// h times the mask, where there is one.
  mutating func masked(_ h: ValueID, _ mask: ValueID?) throws(GraphError) -> ValueID {
    guard let mask else { return h }
    return try apply("Mul", h, mask)
  }
}

import Engine
import Glibc
import GraphIR
import NN
import TestSupport
import Tensors

/// A layer of a cell over x [N, T, I], its numbers and what it computes in Double.
struct CellCase {
  var context: LayerContext
  let x: ValueID
  let output: RecurrentOutput

  init(
    _ cell: any StepCell,
    mode: BuildMode = .training,
    inputs: Int = 2,
    isReversed: Bool = false,
    lengths: [Int32]? = nil
  ) throws {
    var context = LayerContext(mode: mode, seed: 11)
    x = try context.graph.placeholder("x", .float32, ["N", "T", .known(inputs)])
    let counts = try lengths.map { try context.graph.constant(Tensor(vector: $0)) }
    output = try CellLayer("cell", cell, isReversed: isReversed)(x, lengths: counts, in: &context)
    // Zeros and ones would hide mistakes.
    for (index, id) in context.graph.variables.enumerated() {
      guard let shape = context.graph[id].type.shape.concrete else { continue }
      let isVariance = context.graph[id].name.hasSuffix("variance")
      try context.graph.setInitialValue(
        of: id,
        to: .random(shape, seed: UInt64(index) + 1, in: isVariance ? 0.5...2 : -1...1)
      )
    }
    self.context = context
  }

  func variable(_ name: String) throws -> ValueID {
    guard let id = context.graph.value(named: "cell/\(name)") else {
      throw GraphError.unknownValue(name)
    }
    return id
  }

  /// The elements of a variable, rows of `columns`.
  func matrix(_ name: String) throws -> [[Double]] {
    guard case .variable(let tensor, _) = context.graph[try variable(name)].source else {
      return []
    }
    let columns = tensor.shape.dimensions.last ?? 1
    let all = numbers(tensor)
    return stride(from: 0, to: all.count, by: columns).map { Array(all[$0..<$0 + columns]) }
  }

  func vector(_ name: String) throws -> [Double] { try matrix(name)[0] }

  func run(_ fetches: [ValueID], _ batch: Tensor) throws -> [[Double]] {
    var interpreter = ReferenceInterpreter(context.graph, precision: .double)
    return try interpreter.run(fetches, feeds: [x: batch]).map { numbers($0) }
  }
}

// The formulas in plain Swift.

func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// x W^T for one row.
func product(_ row: [Double], _ weight: [[Double]]) -> [Double] {
  weight.map { zip($0, row).reduce(0) { $0 + $1.0 * $1.1 } }
}

func sum(_ vectors: [Double]...) -> [Double] {
  vectors[0].indices.map { index in vectors.reduce(0) { $0 + $1[index] } }
}

/// c' and sigmoid(o) from sums in the order i, o, f, g.
func cellState(_ sums: [Double], _ c: [Double]) -> (c: [Double], gate: [Double]) {
  let h = c.count
  let new = (0..<h).map { unit in
    sigmoid(sums[2 * h + unit]) * c[unit] + sigmoid(sums[unit]) * tanh(sums[3 * h + unit])
  }
  return (new, (0..<h).map { sigmoid(sums[h + $0]) })
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

func variance(_ values: [Double]) -> Double {
  let middle = mean(values)
  return mean(values.map { ($0 - middle) * ($0 - middle) })
}

/// a (z - mean) / sqrt(variance + epsilon) + b over one row.
func layerNorm(_ row: [Double], _ scale: [Double], _ bias: [Double]? = nil) -> [Double] {
  let (middle, spread) = (mean(row), (variance(row) + Double(Float(1e-5))).squareRoot())
  return row.indices.map { scale[$0] * (row[$0] - middle) / spread + (bias?[$0] ?? 0) }
}

/// The same over each column of a batch.
func batchNorm(_ rows: [[Double]], _ scale: [Double], _ bias: [Double]? = nil) -> [[Double]] {
  var result = rows
  for column in scale.indices {
    let values = rows.map { $0[column] }
    let (middle, spread) = (mean(values), (variance(values) + Double(Float(1e-5))).squareRoot())
    for row in rows.indices {
      result[row][column] =
        scale[column] * (rows[row][column] - middle) / spread + (bias?[column] ?? 0)
    }
  }
  return result
}

/// Rows [N][T][I] of a batch.
func sequences(_ tensor: Tensor) -> [[[Double]]] {
  let (n, t, i) = (tensor.shape[0], tensor.shape[1], tensor.shape[2])
  let all = numbers(tensor)
  return (0..<n).map { row in
    (0..<t).map { step in
      let start = (row * t + step) * i
      return Array(all[start..<start + i])
    }
  }
}

func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  a.count == b.count ? zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}

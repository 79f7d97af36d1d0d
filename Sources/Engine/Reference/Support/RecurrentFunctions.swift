import Glibc
import GraphIR

extension RecurrentActivation {
  /// The function's value.
  func value(_ x: Double) -> Double {
    let (alpha, beta) = (Double(alpha), Double(beta))
    return switch kind {
    case .relu: max(x, 0)
    case .tanh: Glibc.tanh(x)
    case .sigmoid: 1 / (1 + exp(-x))
    case .affine: alpha * x + beta
    case .leakyRelu: x >= 0 ? x : alpha * x
    case .thresholdedRelu: x >= alpha ? x : 0
    case .scaledTanh: alpha * Glibc.tanh(beta * x)
    case .hardSigmoid: min(max(alpha * x + beta, 0), 1)
    case .elu: x >= 0 ? x : alpha * expm1(x)
    case .softsign: x / (1 + abs(x))
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))
    }
  }

  /// The function's derivative; at a kink that of one of its sides.
  func slope(_ x: Double) -> Double {
    let (alpha, beta) = (Double(alpha), Double(beta))
    switch kind {
    case .relu: return x > 0 ? 1 : 0
    case .tanh: return 1 - value(x) * value(x)
    case .sigmoid: return value(x) * (1 - value(x))
    case .affine: return alpha
    case .leakyRelu: return x >= 0 ? 1 : alpha
    case .thresholdedRelu: return x >= alpha ? 1 : 0
    case .scaledTanh:
      let y = Glibc.tanh(beta * x)
      return alpha * beta * (1 - y * y)
    case .hardSigmoid: return value(x) > 0 && value(x) < 1 ? alpha : 0
    case .elu: return x >= 0 ? 1 : alpha * exp(x)
    case .softsign: return 1 / ((1 + abs(x)) * (1 + abs(x)))
    case .softplus: return 1 / (1 + exp(-x))
    }
  }
}

/// A function of the sums that enter a gate: the activation behind the clip.
struct ClippedActivation {
  let activation: RecurrentActivation
  let clip: Double?

  func value(_ sum: Double) -> Double {
    activation.value(clip.map { min(max(sum, -$0), $0) } ?? sum)
  }

  /// 0 where the sum is clipped.
  func slope(_ sum: Double) -> Double {
    abs(sum) > clip ?? .infinity ? 0 : activation.slope(sum)
  }
}

/// A matrix [rows, columns] of a recurrent cell.
struct RecurrentMatrix {
  let rows: Int
  let columns: Int
  private(set) var elements: [Double]

  init(zeros rows: Int, _ columns: Int) {
    self.rows = rows
    self.columns = columns
    elements = [Double](repeating: 0, count: rows * columns)
  }

  init(_ elements: ArraySlice<Double>, rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    self.elements = Array(elements)
  }

  /// `count` rows from `first` on times a vector.
  func product(rows range: Range<Int>, _ vector: [Double]) -> [Double] {
    range.map { row in
      var sum = 0.0
      for column in 0..<columns { sum += elements[row * columns + column] * vector[column] }
      return sum
    }
  }

  /// The transpose of the same rows times a vector with one number for each of them.
  func transposedProduct(rows range: Range<Int>, _ vector: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: columns)
    for (row, factor) in zip(range, vector) {
      for column in 0..<columns { result[column] += elements[row * columns + column] * factor }
    }
    return result
  }

  /// Adds left right^T to the rows from `range` on.
  mutating func addOuterProduct(rows range: Range<Int>, _ left: [Double], _ right: [Double]) {
    for (row, factor) in zip(range, left) {
      for column in 0..<columns { elements[row * columns + column] += factor * right[column] }
    }
  }
}

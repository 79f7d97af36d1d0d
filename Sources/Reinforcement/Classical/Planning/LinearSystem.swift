/// As many linear equations as unknowns: A x = b.
struct LinearSystem {
  let unknowns: Int
  /// A in row-major order.
  private var coefficients: [Double]
  /// b.
  var constants: [Double]

  /// A pivot below this share of the greatest coefficient counts as zero.
  private static let pivotTolerance = 1e-13

  /// A system of zeros.
  init(unknowns: Int) {
    self.unknowns = unknowns
    coefficients = [Double](repeating: 0, count: unknowns * unknowns)
    constants = [Double](repeating: 0, count: unknowns)
  }

  /// The coefficient of an unknown in an equation.
  subscript(row: Int, column: Int) -> Double {
    get { coefficients[row * unknowns + column] }
    set { coefficients[row * unknowns + column] = newValue }
  }

  /// x by Gaussian elimination with partial pivoting; `nil` where A is singular or nearly so.
  consuming func solved() -> [Double]? {
    let scale = coefficients.reduce(0) { max($0, abs($1)) }
    for column in 0..<unknowns {
      var pivot = column
      for row in column..<unknowns where abs(self[row, column]) > abs(self[pivot, column]) {
        pivot = row
      }
      guard abs(self[pivot, column]) > scale * Self.pivotTolerance else { return nil }
      if pivot != column { swapRows(pivot, column) }
      for row in (column + 1)..<unknowns where self[row, column] != 0 {
        let factor = self[row, column] / self[column, column]
        for index in column..<unknowns { self[row, index] -= factor * self[column, index] }
        constants[row] -= factor * constants[column]
      }
    }
    for row in stride(from: unknowns - 1, through: 0, by: -1) {
      var sum = constants[row]
      for column in (row + 1)..<unknowns {
        sum -= self[row, column] * constants[column]
      }
      constants[row] = sum / self[row, row]
    }
    return constants
  }

  private mutating func swapRows(_ first: Int, _ second: Int) {
    for column in 0..<unknowns {
      coefficients.swapAt(first * unknowns + column, second * unknowns + column)
    }
    constants.swapAt(first, second)
  }
}

import GraphIR
import Tensors

extension ReferenceOperators {
  static let linear: [OperatorName: ReferenceFunction] = [
    "MatMul": { call in
      let a = try call.input(0)
      let b = try call.input(1)
      try call.requireSameDType([a, b])
      return [try matMul(call, a, b, as: a.dtype.carrier)]
    },
    "Gemm": { call in
      let a = try call.input(0)
      return [try gemm(call, a, as: a.dtype.carrier)]
    },
  ]

  private static func matMul<Number: ReferenceNumber>(
    _ call: ReferenceCall,
    _ a: Tensor,
    _ b: Tensor,
    as: Number.Type
  ) throws -> Tensor {
    let product = try MatrixProduct(call, a.shape, b.shape)
    return Number.store(
      product.multiply(Number.load(a), Number.load(b)),
      as: a.dtype,
      product.result
    )
  }

  private static func gemm<Number: ReferenceNumber>(
    _ call: ReferenceCall,
    _ a: Tensor,
    as: Number.Type
  ) throws -> Tensor {
    let b = try call.input(1)
    try call.requireSameDType([a, b])
    guard a.shape.rank == 2, b.shape.rank == 2 else {
      throw call.error("A is \(a.shape) and B \(b.shape), expected matrices")
    }
    let transposesA = try call.node.flag("transA", default: false)
    let transposesB = try call.node.flag("transB", default: false)
    let (m, k) = transposesA ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
    let (inner, n) = transposesB ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
    guard k == inner else { throw call.error("inner sizes \(k) and \(inner) differ") }
    let shape = try call.shape([m, n])
    let alpha = Number(saturating: Double(try call.node.float("alpha", default: 1)))
    let beta = Number(saturating: Double(try call.node.float("beta", default: 1)))
    let (x, y) = (Number.load(a), Number.load(b))
    var added = [Number](repeating: .zero, count: shape.elementCount)
    if let c = call.optionalInput(2) {
      try call.requireSameDType([a, c])
      guard try call.broadcastShape(of: [Tensor(zeros: c.dtype, shape), c]) == shape else {
        throw call.error("C is \(c.shape), which does not broadcast to \(shape)")
      }
      added = broadcast(Number.load(c), c.shape, to: shape)
    }
    var result = added
    for row in 0..<m {
      for column in 0..<n {
        var sum = Number.zero
        for inner in 0..<k {
          let left = x[transposesA ? inner * m + row : row * k + inner]
          let right = y[transposesB ? column * k + inner : inner * n + column]
          sum = sum.adding(left.multiplied(by: right))
        }
        let bias = added[row * n + column].multiplied(by: beta)
        result[row * n + column] = sum.multiplied(by: alpha).adding(bias)
      }
    }
    return Number.store(result, as: a.dtype, shape)
  }
}

/// The geometry of NumPy's matmul.
struct MatrixProduct {
  let result: Shape
  private let m: Int
  private let n: Int
  private let k: Int
  /// For every matrix of the result, the matrices of A and of B that are multiplied.
  private let matricesA: [Int]
  private let matricesB: [Int]

  init(_ call: ReferenceCall, _ left: Shape, _ right: Shape) throws {
    guard left.rank > 0, right.rank > 0 else {
      throw call.error("A is \(left) and B \(right); a scalar is no matrix")
    }
    let a = left.rank == 1 ? [1] + left.dimensions : left.dimensions
    let b = right.rank == 1 ? right.dimensions + [1] : right.dimensions
    guard a[a.count - 1] == b[b.count - 2] else {
      throw call.error("A is \(left) and B \(right); their inner sizes differ")
    }
    let batchA = try call.shape(Array(a.dropLast(2)))
    let batchB = try call.shape(Array(b.dropLast(2)))
    let batch = try call.broadcastShape(of: [
      Tensor(zeros: .bool, batchA), Tensor(zeros: .bool, batchB),
    ])
    m = a[a.count - 2]
    k = a[a.count - 1]
    n = b[b.count - 1]
    matricesA = batchA.broadcastOffsets(to: batch)
    matricesB = batchB.broadcastOffsets(to: batch)
    result = try call.shape(
      batch.dimensions + (left.rank == 1 ? [] : [m]) + (right.rank == 1 ? [] : [n])
    )
  }

  func multiply<Number: ReferenceNumber>(_ a: [Number], _ b: [Number]) -> [Number] {
    var values: [Number] = []
    values.reserveCapacity(result.elementCount)
    for (matrixA, matrixB) in zip(matricesA, matricesB) {
      for row in 0..<m {
        for column in 0..<n {
          var sum = Number.zero
          for inner in 0..<k {
            let left = a[(matrixA * m + row) * k + inner]
            sum = sum.adding(left.multiplied(by: b[(matrixB * k + inner) * n + column]))
          }
          values.append(sum)
        }
      }
    }
    return values
  }
}

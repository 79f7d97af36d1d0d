import CKernels
import Foundation
import Testing

extension VectorKernels {
  @Suite struct GEMM {
    /// One product with every option; operands are filled from a seed.
    struct Product {
      var m: Int
      var n: Int
      var k: Int
      var transposeA = false
      var transposeB = false
      var packed = false
      var alpha: Float = 1
      var beta: Float = 0
      var bias = CK_BIAS_NONE
      var activation = CK_ACT_NONE
      var threads: Int32 = 1

      static let activation = (alpha: Float(0.25), beta: Float(0.75))

      func operands() -> (a: [Float], b: [Float], c: [Float], bias: [Float]) {
        var numbers = Numbers(UInt64(m * 31 + n * 7 + k))
        return (
          numbers.floats(m * k), numbers.floats(k * n), numbers.floats(m * (n + 3)),
          numbers.floats(max(m, n))
        )
      }

      /// C with `n + 3` floats per row; the last three must stay untouched.
      func run(rows: Range<Int>? = nil) -> [Float] {
        let rows = rows ?? 0..<m
        let (a, b, c, bias) = operands()
        var result = Array(c[rows.lowerBound * (n + 3)..<rows.upperBound * (n + 3)])
        let bRow = transposeB ? 1 : n
        let bColumn = transposeB ? k : 1
        var storage = [Float](
          repeating: 0,
          count: Int(ck_f32_gemm_packed_b_count(Int64(k), Int64(n))) + 16
        )
        storage.withUnsafeMutableBufferPointer { storage in
          let weights = aligned(storage)
          ck_f32_gemm_pack_b(Int64(k), Int64(n), b, Int64(bRow), Int64(bColumn), weights)
          let pool = ck_pool_create(threads)
          defer { ck_pool_destroy(pool) }
          a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
              bias.withUnsafeBufferPointer { bias in
                result.withUnsafeMutableBufferPointer { c in
                  guard let aBase = a.baseAddress, let cBase = c.baseAddress else { return }
                  var gemm = ck_gemm(
                    m: Int64(rows.count),
                    n: Int64(n),
                    k: Int64(k),
                    a: aBase + rows.lowerBound * (transposeA ? 1 : k),
                    a_row_stride: Int64(transposeA ? 1 : k),
                    a_column_stride: Int64(transposeA ? m : 1),
                    b: packed ? nil : b.baseAddress,
                    b_row_stride: Int64(bRow),
                    b_column_stride: Int64(bColumn),
                    b_packed: packed ? UnsafePointer(weights) : nil,
                    c: cBase,
                    c_row_stride: Int64(n + 3),
                    alpha: alpha,
                    beta: beta,
                    bias: self.bias == CK_BIAS_NONE ? nil : bias.baseAddress,
                    bias_kind: self.bias,
                    activation: ck_activation(
                      kind: activation,
                      alpha: Self.activation.alpha,
                      beta: Self.activation.beta
                    )
                  )
                  ck_f32_gemm(&gemm, pool)
                }
              }
            }
          }
        }
        return result
      }

      /// The same in Double, by the definition.
      func expected() -> [Double] {
        let (a, b, c, bias) = operands()
        var result = c.map(Double.init)
        for i in 0..<m {
          for j in 0..<n {
            var sum = 0.0
            for p in 0..<k {
              let left = transposeA ? a[p * m + i] : a[i * k + p]
              let right = transposeB ? b[j * k + p] : b[p * n + j]
              sum += Double(left) * Double(right)
            }
            var x = sum * Double(alpha)
            if beta != 0 { x += Double(beta) * result[i * (n + 3) + j] }
            if self.bias == CK_BIAS_COLUMN { x += Double(bias[j]) }
            if self.bias == CK_BIAS_ROW { x += Double(bias[i]) }
            result[i * (n + 3) + j] = activate(
              x,
              activation,
              Double(Self.activation.alpha),
              Double(Self.activation.beta)
            )
          }
        }
        return result
      }

      func check(sourceLocation: SourceLocation = #_sourceLocation) {
        let expected = expected()
        atEveryISA("\(self)", sourceLocation: sourceLocation) { level in
          let actual = run()
          expectClose(
            actual,
            expected,
            tolerance: 2e-6 * Double(k + 4),
            level,
            sourceLocation: sourceLocation
          )
          return actual
        }
      }
    }

    @Test(arguments: [false, true], [false, true])
    func everyTranspose(_ transposeA: Bool, _ transposeB: Bool) {
      for packed in [false, true] {
        for (m, n, k) in [(1, 1, 1), (3, 17, 5), (13, 33, 40), (29, 100, 21), (70, 35, 19)] {
          Product(
            m: m,
            n: n,
            k: k,
            transposeA: transposeA,
            transposeB: transposeB,
            packed: packed
          ).check()
        }
      }
    }

    @Test func everyNumberOfRows() {
      for m in 1...16 {
        for n in [1, 8, 15, 40] {
          Product(m: m, n: n, k: 9, packed: m % 2 == 0, bias: CK_BIAS_COLUMN).check()
        }
      }
    }

    @Test func chainsOverSeveralPasses() {
      for (transposeA, packed) in [(false, false), (true, true)] {
        Product(m: 9, n: 35, k: 800, transposeA: transposeA, packed: packed, bias: CK_BIAS_ROW)
          .check()
        Product(m: 9, n: 35, k: 800, transposeA: transposeA, packed: packed, alpha: 0.5, beta: 2)
          .check()
      }
      // C is an operand of several passes, in more than one block.
      Product(m: 170, n: 33, k: 1030, alpha: -0.5, beta: 1).check()
      Product(m: 3, n: 390, k: 1030, alpha: -0.5, beta: 1).check()
      Product(m: 20, n: 600, k: 300, alpha: -0.5, beta: 1, bias: CK_BIAS_COLUMN).check()
    }

    /// Few rows against a large transposed B: the path that computes the transposed product.
    @Test func fewRowsOfALargeTransposedProduct() {
      for bias in [CK_BIAS_NONE, CK_BIAS_COLUMN, CK_BIAS_ROW] {
        var product = Product(
          m: 33,
          n: 521,
          k: 24,
          transposeB: true,
          alpha: 0.5,
          bias: bias,
          activation: CK_ACT_RELU
        )
        product.check()
        for isa in supportedISAs {
          at(isa) {
            product.threads = 1
            product.packed = true
            let reference = product.run()
            product.packed = false
            #expect(product.run() == reference, "\(name(isa)) \(bias)")
            product.threads = 2
            #expect(product.run() == reference, "\(name(isa)) \(bias) threads")
          }
        }
      }
    }

    /// More of C than fits the second-level cache is walked along its rows.
    @Test func updatesOfALargeMatrix() {
      Product(m: 520, n: 401, k: 6, transposeA: true, alpha: -0.25, beta: 1).check()
    }

    @Test(arguments: [CK_BIAS_NONE, CK_BIAS_COLUMN, CK_BIAS_ROW])
    func epilogues(_ bias: ck_bias_kind) {
      for kind in everyActivation {
        for (alpha, beta) in [(1, 0), (0.5, 0), (1, 1), (-2, 0.5)] as [(Float, Float)] {
          for packed in [false, true] {
            Product(
              m: 5,
              n: 19,
              k: 7,
              packed: packed,
              alpha: alpha,
              beta: beta,
              bias: bias,
              activation: kind
            ).check()
          }
        }
        Product(m: 20, n: 19, k: 7, bias: bias, activation: kind).check()
      }
    }

    @Test func emptyChainIsTheBias() {
      Product(m: 3, n: 20, k: 0, bias: CK_BIAS_COLUMN, activation: CK_ACT_RELU).check()
      Product(m: 3, n: 20, k: 0, packed: true, bias: CK_BIAS_ROW).check()
      Product(m: 3, n: 20, k: 0, beta: 0.5).check()
    }

    @Test func emptyOutputIsNoWork() {
      #expect(Product(m: 0, n: 5, k: 3).run() == [])
      let product = Product(m: 4, n: 0, k: 3)
      #expect(product.run() == product.operands().c)
    }

    /// A row's bits do not depend on the batch it is in, nor on the path that the batch takes.
    @Test func rowsAreTheSameInAnyBatch() {
      for isa in supportedISAs {
        at(isa) {
          let whole = Product(
            m: 45,
            n: 70,
            k: 500,
            packed: true,
            bias: CK_BIAS_COLUMN,
            activation: CK_ACT_RELU
          )
          let all = whole.run()
          for rows in [0..<1, 3..<5, 10..<16, 7..<30] {
            #expect(
              whole.run(rows: rows) == Array(all[rows.lowerBound * 73..<rows.upperBound * 73]),
              "\(name(isa)) \(rows)"
            )
          }
        }
      }
    }

    @Test func aPackedMatrixComesBack() {
      for isa in supportedISAs {
        at(isa) {
          for (k, n) in [(1, 1), (3, 7), (16, 64), (37, 130), (128, 69)] {
            let b = (0..<k * n).map { Float($0) }
            var packed = [Float](
              repeating: 0,
              count: Int(ck_f32_gemm_packed_b_count(Int64(k), Int64(n)))
            )
            for (row, column) in [(n, 1), (1, k)] {
              var back = [Float](repeating: -1, count: k * n)
              ck_f32_gemm_pack_b(Int64(k), Int64(n), b, Int64(row), Int64(column), &packed)
              ck_f32_gemm_unpack_b(Int64(k), Int64(n), packed, &back, Int64(row), Int64(column))
              #expect(back == b, "\(name(isa)) \(k)x\(n)")
            }
          }
        }
      }
    }

    @Test func bitsDoNotDependOnPackingOrThreads() {
      for isa in supportedISAs {
        at(isa) {
          for (m, n, k) in [(2, 300, 784), (64, 100, 300), (100, 10, 100), (130, 130, 130)] {
            var product = Product(m: m, n: n, k: k, bias: CK_BIAS_COLUMN)
            let reference = product.run()
            product.threads = 2
            #expect(product.run() == reference, "\(name(isa)) threads \(product)")
            product.packed = true
            #expect(product.run() == reference, "\(name(isa)) packed \(product)")
            product.threads = 3
            #expect(product.run() == reference, "\(name(isa)) packed, threads \(product)")
          }
        }
      }
    }

    @Test func notANumberStaysVisible() {
      for isa in supportedISAs {
        at(isa) {
          for kind in [CK_ACT_NONE, CK_ACT_RELU, CK_ACT_LEAKY_RELU, CK_ACT_CLIP] {
            let a: [Float] = [1, .nan]
            let b: [Float] = [.infinity, 2]
            var c: [Float] = [0, 0, 0, 0]
            a.withUnsafeBufferPointer { a in
              b.withUnsafeBufferPointer { b in
                c.withUnsafeMutableBufferPointer { c in
                  guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress
                  else { return }
                  var gemm = rowMajor(2, 2, 1, a, b, c)
                  gemm.activation = ck_activation(kind: kind, alpha: 0.25, beta: 0.75)
                  ck_f32_gemm(&gemm, nil)
                }
              }
            }
            #expect(c[0] == (kind == CK_ACT_CLIP ? 0.75 : .infinity), "\(name(isa)) \(kind)")
            #expect(c[2].isNaN && c[3].isNaN, "\(name(isa)) \(kind)")
          }
        }
      }
    }

    @Test(arguments: [1, 2] as [Int32])
    func batchedProductsRepeatAnOperandWithStrideZero(_ threads: Int32) {
      let (m, n, k, batch) = (3, 20, 6, 5)
      var numbers = Numbers(9)
      let a = numbers.floats(batch * m * k)
      let b = numbers.floats(k * n)
      var expected = [Double]()
      for row in 0..<batch * m {
        for j in 0..<n {
          expected.append(
            (0..<k).reduce(0) { $0 + Double(a[row * k + $1]) * Double(b[$1 * n + j]) }
          )
        }
      }
      atEveryISA("batched") { level in
        var c = [Float](repeating: 0, count: batch * m * n)
        let pool = ck_pool_create(threads)
        defer { ck_pool_destroy(pool) }
        a.withUnsafeBufferPointer { a in
          b.withUnsafeBufferPointer { b in
            c.withUnsafeMutableBufferPointer { c in
              guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress
              else { return }
              var gemm = rowMajor(Int64(m), Int64(n), Int64(k), a, b, c)
              ck_f32_gemm_batched(&gemm, Int64(batch), Int64(m * k), 0, Int64(m * n), pool)
            }
          }
        }
        expectClose(c, expected, tolerance: 1e-5, level)
        return c
      }
    }
  }
}

/// C = A B, all row-major.
func rowMajor(
  _ m: Int64,
  _ n: Int64,
  _ k: Int64,
  _ a: UnsafePointer<Float>,
  _ b: UnsafePointer<Float>,
  _ c: UnsafeMutablePointer<Float>
) -> ck_gemm {
  ck_gemm(
    m: m,
    n: n,
    k: k,
    a: a,
    a_row_stride: k,
    a_column_stride: 1,
    b: b,
    b_row_stride: n,
    b_column_stride: 1,
    b_packed: nil,
    c: c,
    c_row_stride: n,
    alpha: 1,
    beta: 0,
    bias: nil,
    bias_kind: CK_BIAS_NONE,
    activation: ck_activation(kind: CK_ACT_NONE, alpha: 0, beta: 0)
  )
}

let everyActivation = [
  CK_ACT_NONE, CK_ACT_RELU, CK_ACT_LEAKY_RELU, CK_ACT_CLIP, CK_ACT_ELU, CK_ACT_SIGMOID,
  CK_ACT_TANH,
]

/// The activation by its definition.
func activate(_ x: Double, _ kind: ck_activation_kind, _ alpha: Double, _ beta: Double) -> Double {
  switch kind {
  case CK_ACT_RELU: max(x, 0)
  case CK_ACT_LEAKY_RELU: x >= 0 ? x : alpha * x
  case CK_ACT_CLIP: min(max(x, alpha), beta)
  case CK_ACT_ELU: x >= 0 ? x : alpha * expm1(x)
  case CK_ACT_SIGMOID: 1 / (1 + exp(-x))
  case CK_ACT_TANH: tanh(x)
  default: x
  }
}

/// The first 64-byte aligned element of a buffer with 16 floats to spare.
func aligned(_ buffer: UnsafeMutableBufferPointer<Float>) -> UnsafeMutablePointer<Float> {
  let address = UInt(bitPattern: buffer.baseAddress)
  let skipped = Int((64 - address % 64) % 64) / 4
  guard let base = buffer.baseAddress else { preconditionFailure("empty buffer") }
  return base + skipped
}

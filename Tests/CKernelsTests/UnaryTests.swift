import CKernels
import Foundation
import Testing

extension VectorKernels {
  @Suite struct Unary {
    static func apply(_ op: ck_unary, _ x: [Float], _ p0: Float = 0, _ p1: Float = 0) -> [Float] {
      var y = [Float](repeating: -7, count: x.count)
      ck_f32_unary(op, Int64(x.count), x, p0, p1, &y, nil)
      return y
    }

    /// Floats of every magnitude and sign, with the corners.
    static let magnitudes: [Float] =
      stride(from: UInt64(0), to: 1 << 32, by: 40_009).map { Float(bitPattern: UInt32($0)) } + [
        0, -0.0, .infinity, -.infinity, .nan, 1, -1, 0x1p-149, -0x1p-149, 0x1p-133, 88.72284,
        88.72283,
        -103.97, -103.98, -87.4, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
      ]

    @Test func errorsStayWithinDocumentedBounds() {
      let functions: [(ck_unary, String, Double, (Double) -> Double)] = [
        (CK_EXP, "exp", 1.05, { Foundation.exp($0) }),
        (CK_LOG, "log", 1, { Foundation.log($0) }),
        (CK_TANH, "tanh", 1.75, { Foundation.tanh($0) }),
        (CK_SIGMOID, "sigmoid", 3, { 1 / (1 + Foundation.exp(-$0)) }),
        (CK_ERF, "erf", 2.25, { Foundation.erf($0) }),
        (CK_SIN, "sin", 1.75, { Foundation.sin($0) }),
        (CK_COS, "cos", 1.75, { Foundation.cos($0) }),
        (CK_SOFTPLUS, "softplus", 2.75, { max($0, 0) + log1p(Foundation.exp(-abs($0))) }),
        (CK_SQRT, "sqrt", 0.5, { $0.squareRoot() }),
        (CK_RECIPROCAL, "reciprocal", 0.5, { 1 / $0 }),
        (CK_ROUND, "round", 0, { $0.rounded(.toNearestOrEven) }),
        (CK_FLOOR, "floor", 0, { $0.rounded(.down) }),
        (CK_CEIL, "ceil", 0, { $0.rounded(.up) }),
      ]
      let x = Self.magnitudes
      for (op, label, bound, exact) in functions {
        let expected = x.map { exact(Double($0)) }
        atEveryISA(label) { level in
          let y = Self.apply(op, x)
          var worst = 0.0
          var at: Float = 0
          for i in x.indices {
            let error = ulpError(y[i], expected[i])
            if error > worst { (worst, at) = (error, x[i]) }
          }
          #expect(worst <= bound, "\(level): \(worst) ulp at \(at)")
          return y
        }
      }
    }

    /// The ends of the pieces that tanh and erf are made of, of the rounding of exponents, and of the ranges beyond which the
    /// results are constant.
    @Test func errorsStayWithinBoundsWherePiecesMeet() {
      let tanhEnds = [1.75, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24]
        .map { Float(($0 - 1.5) / 2.5) }
      let erfEnds = (0..<32).map { Float($0) / 8 }
      let exponentEnds = (-240...240).map { Float((Double($0) + 0.5) / 16 * 0.6931471805599453) }
      let limits: [Float] = [88.722839, 87.336548, 103.97208, 104, 9.0109, 3.92]
      let x = (tanhEnds + erfEnds + exponentEnds + limits).flatMap { end in
        [-2, -1, 0, 1, 2].flatMap { steps in
          [end + steps * end.ulp, -end + steps * end.ulp]
        }
      }
      let functions: [(ck_unary, String, Double, (Double) -> Double)] = [
        (CK_EXP, "exp", 1.05, { Foundation.exp($0) }),
        (CK_TANH, "tanh", 1.75, { Foundation.tanh($0) }),
        (CK_SIGMOID, "sigmoid", 3, { 1 / (1 + Foundation.exp(-$0)) }),
        (CK_ERF, "erf", 2.25, { Foundation.erf($0) }),
      ]
      for (op, label, bound, exact) in functions {
        atEveryISA(label) { level in
          let y = Self.apply(op, x)
          for (value, result) in zip(x, y) {
            let error = ulpError(result, exact(Double(value)))
            #expect(error <= bound, "\(level): \(error) ulp at \(value)")
          }
          return y
        }
      }
    }

    @Test func saturatedFunctionsReachTheirLimits() {
      let ends: [Float] = [-.infinity, -.greatestFiniteMagnitude, -200, 200, .infinity]
      atEveryISA("limits") { level in
        let tanh = Self.apply(CK_TANH, ends)
        let erf = Self.apply(CK_ERF, ends)
        let sigmoid = Self.apply(CK_SIGMOID, ends)
        #expect(tanh == [-1, -1, -1, 1, 1], "\(level)")
        #expect(erf == [-1, -1, -1, 1, 1], "\(level)")
        #expect(sigmoid == [0, 0, 0, 1, 1], "\(level)")
        return tanh + erf + sigmoid
      }
    }

    /// Long enough for the loop that fetches memory ahead, and not a whole number of vectors.
    @Test func longArraysAgreeWithShortOnes() {
      var numbers = Numbers(4)
      let x = numbers.floats(5003, -5...5)
      for isa in supportedISAs {
        at(isa) {
          for op in [CK_EXP, CK_TANH, CK_SIGMOID, CK_ERF, CK_RELU] {
            let whole = Self.apply(op, x)
            let pieces = stride(from: 0, to: x.count, by: 61).flatMap { begin in
              Self.apply(op, Array(x[begin..<min(begin + 61, x.count)]))
            }
            #expect(whole == pieces, "\(name(isa)) op \(op.rawValue)")
          }
        }
      }
    }

    @Test func activationsFollowTheirFormulas() {
      func sigmoid(_ x: Double) -> Double { 1 / (1 + Foundation.exp(-x)) }
      func clamp(_ x: Double, _ low: Double, _ high: Double) -> Double {
        x.isNaN ? x : min(max(x, low), high)
      }
      let cases: [(ck_unary, String, Float, Float, (Double) -> Double)] = [
        (CK_IDENTITY, "identity", 0, 0, { $0 }),
        (CK_ABS, "abs", 0, 0, { abs($0) }),
        (CK_NEG, "neg", 0, 0, { -$0 }),
        (CK_SIGN, "sign", 0, 0, { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }),
        (CK_SOFTSIGN, "softsign", 0, 0, { $0 / (1 + abs($0)) }),
        (CK_RELU, "relu", 0, 0, { $0 < 0 ? 0 : $0 }),
        (CK_LEAKY_RELU, "leaky", 0.1, 0, { $0 < 0 ? Double(Float(0.1)) * $0 : $0 }),
        (CK_ELU, "elu", 0.5, 0, { $0 < 0 ? 0.5 * expm1($0) : $0 }),
        (CK_SELU, "selu", 1.5, 1.25, { 1.25 * ($0 < 0 ? 1.5 * expm1($0) : $0) }),
        (CK_CELU, "celu", 2, 0, { $0 < 0 ? 2 * expm1($0 / 2) : $0 }),
        (CK_GELU, "gelu", 0, 0, { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }),
        (
          CK_GELU_TANH, "gelu tanh", 0, 0,
          {
            0.5 * $0
              * (1
                + Foundation.tanh((2 / .pi as Double).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
          }
        ),
        (CK_MISH, "mish", 0, 0, { $0 * Foundation.tanh(log1p(Foundation.exp($0))) }),
        (CK_SWISH, "swish", 1.5, 0, { $0 * sigmoid(1.5 * $0) }),
        (CK_HARD_SIGMOID, "hard sigmoid", 0.25, 0.5, { clamp(0.25 * $0 + 0.5, 0, 1) }),
        (CK_HARD_SWISH, "hard swish", 0, 0, { $0 * clamp($0 / 6 + 0.5, 0, 1) }),
        (CK_THRESHOLDED_RELU, "thresholded", 1, 0, { $0 <= 1 ? 0 : $0 }),
        (CK_CLIP, "clip", -0.5, 0.75, { clamp($0, -0.5, 0.75) }),
        (CK_SQUARE, "square", 0, 0, { $0 * $0 }),
        (CK_ADD_CONSTANT, "add", 0.25, 0, { $0 + 0.25 }),
        (CK_MUL_CONSTANT, "mul", 3, 0, { $0 * 3 }),
        (CK_POW_CONSTANT, "pow 2", 2, 0, { $0 * $0 }),
        (CK_POW_CONSTANT, "pow 3", 3, 0, { pow($0, 3) }),
        (CK_POW_CONSTANT, "pow 0.5", 0.5, 0, { pow($0, 0.5) }),
        (CK_POW_CONSTANT, "pow -1", -1, 0, { 1 / $0 }),
        (CK_POW_CONSTANT, "pow 0", 0, 0, { _ in 1 }),
      ]
      var numbers = Numbers(1)
      let x = numbers.floats(517, -9...9) + [0, -0.0, 1, -1, .nan]
      for (op, label, p0, p1, exact) in cases {
        let expected = x.map { exact(Double($0)) }
        atEveryISA(label) { level in
          let y = Self.apply(op, x, p0, p1)
          expectClose(y, expected, level)
          return y
        }
      }
    }

    @Test func resultDoesNotDependOnPositionOrLength() {
      var numbers = Numbers(2)
      let x = numbers.floats(70, -5...5)
      for isa in supportedISAs {
        at(isa) {
          for op in [CK_EXP, CK_LOG, CK_TANH, CK_SIGMOID, CK_ERF, CK_SIN, CK_GELU, CK_MISH, CK_ELU]
          {
            let whole = Self.apply(op, x, 1, 1).map(\.bitPattern)
            for count in 0...69 {
              let part = Self.apply(op, Array(x.suffix(count)), 1, 1).map(\.bitPattern)
              #expect(
                part == Array(whole.suffix(count)),
                "\(name(isa)) op \(op.rawValue) x \(count)"
              )
            }
          }
        }
      }
    }

    @Test func outputMayBeInput() {
      var numbers = Numbers(3)
      let x = numbers.floats(53)
      atEveryISA("in place") { level in
        var y = x
        y.withUnsafeMutableBufferPointer { buffer in
          guard let base = buffer.baseAddress else { return }
          ck_f32_unary(CK_ADD_CONSTANT, 53, base, 1, 0, base, nil)
        }
        expectClose(y, x.map { Double($0) + 1 }, level)
        return y
      }
    }
  }
}

import CKernels
import Foundation
import Testing

extension VectorKernels {
  @Suite struct Binary {
    static let formulas: [(ck_binary, String, @Sendable (Double, Double) -> Double)] = [
      (CK_ADD, "add", { $0 + $1 }),
      (CK_SUB, "sub", { $0 - $1 }),
      (CK_MUL, "mul", { $0 * $1 }),
      (CK_DIV, "div", { $0 / $1 }),
      (CK_POW, "pow", { pow($0, $1) }),
      (CK_MAX, "max", { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) }),
      (CK_MIN, "min", { $0.isNaN || $1.isNaN ? .nan : Swift.min($0, $1) }),
      (CK_PRELU, "prelu", { $0 < 0 ? $0 * $1 : $0 }),
      (CK_RELU_GRADIENT, "relu gradient", { $1 > 0 ? $0 : 0 }),
      (CK_LEAKY_RELU_GRADIENT, "leaky gradient", { $1 > 0 ? $0 : 0.25 * $0 }),
      (CK_SIGMOID_GRADIENT, "sigmoid gradient", { $0 * $1 * (1 - $1) }),
      (CK_TANH_GRADIENT, "tanh gradient", { $0 * (1 - $1 * $1) }),
      (CK_ELU_GRADIENT, "elu gradient", { $1 > 0 ? $0 : $0 * 0.25 * exp($1) }),
    ]

    @Test func arraysOfAnyLength() {
      var numbers = Numbers(4)
      for count in [0, 1, 3, 15, 16, 17, 33, 100] {
        let a = numbers.floats(count)
        let b = numbers.floats(count)
        for (op, label, exact) in Self.formulas {
          atEveryISA("\(label) x \(count)") { level in
            var y = [Float](repeating: -7, count: count)
            ck_f32_binary(op, Int64(count), a, b, 0.25, &y, nil)
            expectClose(y, zip(a, b).map { exact(Double($0), Double($1)) }, level)
            return y
          }
        }
      }
    }

    @Test func maximumAndMinimumPropagateNaN() {
      let a: [Float] = [.nan, 1, .nan, -.infinity, 2]
      let b: [Float] = [1, .nan, .nan, .infinity, 2]
      for (op, label, exact) in Self.formulas where op == CK_MAX || op == CK_MIN {
        for isa in supportedISAs {
          at(isa) {
            var y = [Float](repeating: 0, count: 5)
            ck_f32_binary(op, 5, a, b, 0, &y, nil)
            expectClose(y, zip(a, b).map { exact(Double($0), Double($1)) }, label)
          }
        }
      }
    }

    /// Shapes with the strides of two operands (0 where broadcast).
    static let broadcasts: [(dims: [Int64], a: [Int64], b: [Int64])] = [
      ([], [], []),
      ([1], [1], [1]),
      ([0], [1], [1]),
      ([2, 0, 3], [0, 3, 1], [0, 3, 1]),
      ([7], [1], [0]),
      ([130], [0], [1]),
      ([130], [0], [0]),
      ([5, 70], [70, 1], [0, 1]),
      ([5, 70], [1, 0], [0, 1]),
      ([64, 10], [10, 1], [0, 1]),
      ([3, 4, 5], [20, 5, 1], [4, 1, 0]),
      ([3, 4, 5], [0, 5, 1], [1, 0, 0]),
      ([2, 3, 1100], [3300, 1100, 1], [3, 1, 0]),
      ([6, 90], [1, 6], [90, 1]),
    ]

    static func offsets(_ dims: [Int64], _ strides: [Int64]) -> [Int] {
      var offsets = [0]
      for (size, stride) in zip(dims, strides) {
        offsets = offsets.flatMap { base in (0..<Int(size)).map { base + $0 * Int(stride) } }
      }
      return offsets
    }

    @Test func broadcastOperands() {
      var numbers = Numbers(5)
      let a = numbers.floats(7000)
      let b = numbers.floats(7000)
      for shape in Self.broadcasts {
        let ai = Self.offsets(shape.dims, shape.a)
        let bi = Self.offsets(shape.dims, shape.b)
        for (op, label, exact) in Self.formulas where op != CK_POW {
          atEveryISA("\(label) \(shape.dims)") { level in
            var y = [Float](repeating: -7, count: ai.count)
            ck_f32_binary_broadcast(
              op,
              Int32(shape.dims.count),
              shape.dims,
              a,
              shape.a,
              b,
              shape.b,
              0.25,
              &y,
              nil
            )
            expectClose(y, zip(ai, bi).map { exact(Double(a[$0]), Double(b[$1])) }, level)
            return y
          }
        }
      }
    }

    @Test func comparisonsAndSelection() {
      var numbers = Numbers(6)
      let a = (0..<7000).map { _ in Float(Int.random(in: 0...3, using: &numbers)) }
      let b = (0..<7000).map {
        $0 % 11 == 0 ? Float.nan : Float(Int.random(in: 0...3, using: &numbers))
      }
      let compares: [(ck_compare, (Float, Float) -> Bool)] = [
        (CK_EQUAL, { $0 == $1 }), (CK_LESS, { $0 < $1 }), (CK_LESS_OR_EQUAL, { $0 <= $1 }),
        (CK_GREATER, { $0 > $1 }), (CK_GREATER_OR_EQUAL, { $0 >= $1 }),
      ]
      for isa in supportedISAs {
        at(isa) {
          for shape in Self.broadcasts {
            let ai = Self.offsets(shape.dims, shape.a)
            let bi = Self.offsets(shape.dims, shape.b)
            let rank = Int32(shape.dims.count)
            for (op, exact) in compares {
              var y = [UInt8](repeating: 9, count: ai.count)
              ck_f32_compare_broadcast(op, rank, shape.dims, a, shape.a, b, shape.b, &y, nil)
              #expect(
                y == zip(ai, bi).map { exact(a[$0], b[$1]) ? 1 : 0 },
                "\(name(isa)) \(shape.dims)"
              )
            }
            let condition = (0..<7000).map { UInt8($0 % 3 == 0 ? 1 : 0) }
            var y = [Float](repeating: -7, count: ai.count)
            ck_f32_select_broadcast(
              rank,
              shape.dims,
              condition,
              shape.b,
              a,
              shape.a,
              b,
              shape.b,
              &y,
              nil
            )
            let expected = zip(ai, bi).map { condition[$1] == 1 ? a[$0] : b[$1] }
            #expect(y.map(\.bitPattern) == expected.map(\.bitPattern), "\(name(isa)) \(shape.dims)")
          }
        }
      }
    }
  }
}

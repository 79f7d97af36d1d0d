import CKernels
import Foundation
import Testing

extension VectorKernels {
  @Suite struct Reduce {
    static let formulas: [(ck_reduction, String, @Sendable ([Double]) -> Double)] = [
      (CK_REDUCE_SUM, "sum", { $0.reduce(0, +) }),
      (CK_REDUCE_MEAN, "mean", { $0.reduce(0, +) / Double($0.count) }),
      (CK_REDUCE_MAX, "max", { $0.contains { $0.isNaN } ? .nan : $0.max() ?? -.infinity }),
      (CK_REDUCE_MIN, "min", { $0.contains { $0.isNaN } ? .nan : $0.min() ?? .infinity }),
      (CK_REDUCE_PROD, "prod", { $0.reduce(1, *) }),
      (CK_REDUCE_SUM_SQUARE, "sum square", { $0.reduce(0) { $0 + $1 * $1 } }),
      (CK_REDUCE_L1, "l1", { $0.reduce(0) { $0 + abs($1) } }),
      (CK_REDUCE_L2, "l2", { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }),
      (CK_REDUCE_LOG_SUM, "log sum", { log($0.reduce(0, +)) }),
      (
        CK_REDUCE_LOG_SUM_EXP, "log sum exp",
        { values in
          let top = values.max() ?? -.infinity
          let shift = top.isInfinite ? 0 : top
          return shift + log(values.reduce(0) { $0 + exp($1 - shift) })
        }
      ),
    ]

    /// The elements that reduce to output (o, i).
    static func group(_ x: [Float], _ o: Int, _ i: Int, _ reduced: Int, _ inner: Int) -> [Double] {
      (0..<reduced).map { Double(x[(o * reduced + $0) * inner + i]) }
    }

    static func run(_ op: ck_reduction, _ outer: Int, _ reduced: Int, _ inner: Int, _ x: [Float])
      -> [Float]
    {
      var y = [Float](repeating: -7, count: outer * inner)
      ck_f32_reduce(op, Int64(outer), Int64(reduced), Int64(inner), x, &y, nil)
      return y
    }

    @Test func everyOperationAtEveryShape() {
      var numbers = Numbers(9)
      for (outer, reduced, inner) in [
        (1, 0, 1), (2, 0, 3), (1, 1, 1), (3, 5, 1), (2, 64, 1), (4, 67, 1), (1, 4097, 1),
        (1, 70_000, 1), (2, 7, 3), (1, 300, 20), (2, 9, 600), (0, 3, 2),
      ] {
        let x = numbers.floats(outer * reduced * inner, 0.5...1.5)
        for (op, label, exact) in Self.formulas {
          if op == CK_REDUCE_PROD && reduced > 1000 { continue }
          atEveryISA("\(label) \(outer) x \(reduced) x \(inner)") { level in
            let y = Self.run(op, outer, reduced, inner, x)
            let expected = (0..<outer * inner).map {
              exact(Self.group(x, $0 / inner, $0 % inner, reduced, inner))
            }
            expectClose(y, expected, level)
            return y
          }
        }
      }
    }

    @Test func signsAndNaN() {
      var numbers = Numbers(10)
      for (reduced, inner) in [(90, 1), (90, 5)] {
        var x = numbers.floats(reduced * inner, -3...3)
        x[40 * inner] = .nan
        if inner > 1 { x[1] = -.infinity }
        for (op, label, exact) in Self.formulas where op != CK_REDUCE_LOG_SUM {
          for isa in supportedISAs {
            at(isa) {
              let y = Self.run(op, 1, reduced, inner, x)
              for i in 0..<inner {
                let group = Self.group(x, 0, i, reduced, inner)
                let expected = group.contains { $0.isNaN } ? .nan : exact(group)
                expectClose([y[i]], [expected], tolerance: 1e-5, "\(label) \(name(isa)) \(i)")
              }
            }
          }
        }
      }
    }

    @Test func logSumExpOfInfinities() {
      for isa in supportedISAs {
        at(isa) {
          let x: [Float] = [-.infinity, -.infinity, 1, .infinity, -.infinity, 800]
          let y = Self.run(CK_REDUCE_LOG_SUM_EXP, 3, 2, 1, x)
          expectClose(y, [-.infinity, .infinity, 800])
        }
      }
    }

    @Test func longSumsStayAccurate() {
      let x = [Float](repeating: 0.1, count: 3_000_000)
      atEveryISA { level in
        let y =
          Self.run(CK_REDUCE_SUM, 1, x.count, 1, x) + Self.run(CK_REDUCE_SUM, 1, x.count / 3, 3, x)
        let exact = Double(Float(0.1)) * 3e6
        expectClose(y, [exact, exact / 3, exact / 3, exact / 3], tolerance: 1e-6, level)
        return y
      }
    }

    @Test func argumentsOfExtremes() {
      var numbers = Numbers(11)
      for (outer, reduced, inner) in [(1, 1, 1), (3, 10, 1), (2, 100, 1), (2, 7, 3), (1, 9, 530)] {
        // Few different values, so that ties are common; some rows hold NaN.
        let x = (0..<outer * reduced * inner).map { i in
          i % 37 == 11 ? Float.nan : Float(Int.random(in: 0...4, using: &numbers))
        }
        for isa in supportedISAs {
          for (largest, last) in [(1, 0), (1, 1), (0, 0), (0, 1)] as [(Int32, Int32)] {
            at(isa) {
              var y = [Int64](repeating: -1, count: outer * inner)
              ck_f32_arg_extreme(
                largest,
                last,
                Int64(outer),
                Int64(reduced),
                Int64(inner),
                x,
                &y,
                nil
              )
              let expected = (0..<outer * inner).map { o -> Int64 in
                let group = Self.group(x, o / inner, o % inner, reduced, inner)
                let hasNaN = group.contains { $0.isNaN }
                let best = largest != 0 ? group.max() : group.min()
                let matches = group.indices.filter { hasNaN ? group[$0].isNaN : group[$0] == best }
                return Int64((last != 0 ? matches.last : matches.first) ?? 0)
              }
              #expect(y == expected, "\(name(isa)) \(outer) x \(reduced) x \(inner)")
            }
          }
        }
      }
    }
  }
}

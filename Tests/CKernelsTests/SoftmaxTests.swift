import CKernels
import Foundation
import Testing

extension VectorKernels {
  @Suite struct Softmax {
    static let shapes = [
      (1, 1), (3, 2), (5, 10), (2, 16), (4, 67), (7, 64), (9, 600), (2, 1000), (1, 4200), (3, 4200),
      (0, 4),
      (0, 64),
    ]

    static func softmax(_ row: [Double]) -> [Double] {
      let top = row.max() ?? 0
      let e = row.map { exp($0 - top) }
      let sum = e.reduce(0, +)
      return e.map { $0 / sum }
    }

    /// Applies `body` to each row of `columns` doubles and joins the results.
    static func rows(_ x: [Float], _ columns: Int, _ body: (Int, [Double]) -> [Double]) -> [Double]
    {
      (0..<x.count / columns).flatMap { r in
        body(r, x[r * columns..<(r + 1) * columns].map(Double.init))
      }
    }

    @Test func forwardAndGradients() {
      var numbers = Numbers(12)
      for (rows, columns) in Self.shapes {
        let x = numbers.floats(rows * columns, -6...6)
        let dy = numbers.floats(rows * columns)
        let probabilities = Self.rows(x, columns) { _, row in Self.softmax(row) }
        let y = probabilities.map { Float($0) }
        let logs = probabilities.map { Float(log($0)) }
        func row<T>(_ values: [T], _ r: Int) -> ArraySlice<T> {
          values[r * columns..<(r + 1) * columns]
        }
        let softmaxGradient = Self.rows(y, columns) { r, p in
          let dot = zip(p, row(dy, r)).reduce(0) { $0 + $1.0 * Double($1.1) }
          return zip(p, row(dy, r)).map { $0 * (Double($1) - dot) }
        }
        let logGradient = Self.rows(logs, columns) { r, l in
          let sum = row(dy, r).reduce(0) { $0 + Double($1) }
          return zip(l, row(dy, r)).map { Double($1) - exp($0) * sum }
        }
        let (n, m) = (Int64(rows), Int64(columns))
        atEveryISA("\(rows) x \(columns)") { level in
          var out = [Float](repeating: -7, count: x.count)
          ck_f32_softmax(n, m, x, &out, nil)
          expectClose(out, probabilities, level)
          var all = out
          ck_f32_log_softmax(n, m, x, &out, nil)
          expectClose(out, probabilities.map { log($0) }, level)
          all += out
          ck_f32_softmax_gradient(n, m, y, dy, &out, nil)
          expectClose(out, softmaxGradient, level)
          all += out
          ck_f32_log_softmax_gradient(n, m, logs, dy, &out, nil)
          expectClose(out, logGradient, tolerance: 1e-5, level)
          return all + out
        }
      }
    }

    @Test(arguments: [1, 2, 10, 16, 17, 40, 48, 49, 64, 131, 1024])
    func aRowDoesNotDependOnItsNeighbours(_ columns: Int) {
      var numbers = Numbers(15)
      let x = numbers.floats(37 * columns, -6...6)
      let labels = (0..<37).map { Int64($0 % columns) }
      for isa in supportedISAs {
        at(isa) {
          func results(_ first: Int, _ rows: Int) -> [[Float]] {
            let part = Array(x[first * columns..<(first + rows) * columns])
            var y = part
            var loss = [Float](repeating: 0, count: rows)
            var logs = part
            ck_f32_softmax(Int64(rows), Int64(columns), part, &y, nil)
            ck_f32_log_softmax(Int64(rows), Int64(columns), part, &logs, nil)
            let chosen = Array(labels[first..<first + rows])
            ck_f32_sparse_cross_entropy(Int64(rows), Int64(columns), part, chosen, &loss, nil)
            return (0..<rows).map {
              [Float](y[$0 * columns..<($0 + 1) * columns])
                + logs[$0 * columns..<($0 + 1) * columns] + [loss[$0]]
            }
          }
          let alone = (0..<37).flatMap { results($0, 1) }
          for rows in [2, 15, 16, 18, 37] {
            #expect(results(37 - rows, rows) == Array(alone.suffix(rows)), "\(name(isa)) x \(rows)")
          }
        }
      }
    }

    @Test func largeAndInfiniteInputs() {
      for isa in supportedISAs {
        at(isa) {
          let x: [Float] = [1000, 1000, -1000, -.infinity, 0, 0, .nan, 0, 0]
          var y = [Float](repeating: 0, count: 9)
          ck_f32_softmax(3, 3, x, &y, nil)
          expectClose(y, [0.5, 0.5, 0, 0, 0.5, 0.5, .nan, .nan, .nan], name(isa))
        }
      }
    }

    /// Rows that are wide enough to be worked on one after the other, each pass completing the row before.
    @Test func extremeRowsDoNotReachTheirNeighbours() {
      let columns = 70
      let ordinary = (0..<columns).map { Float($0 % 7) - 3 }
      let nan = ordinary.enumerated().map { $0.offset == 5 ? Float.nan : $0.element }
      let infinite = [Float](repeating: -.infinity, count: columns)
      let large = ordinary.map { $0 * 1e4 }
      let rows = [nan, ordinary, infinite, large, ordinary, nan, ordinary]
      let x = rows.flatMap { $0 }
      let expected = rows.flatMap { row in Self.softmax(row.map(Double.init)) }
        .enumerated().map { [0, 2, 5].contains($0.offset / columns) ? Double.nan : $0.element }
      atEveryISA { level in
        var y = [Float](repeating: -7, count: x.count)
        var logs = y
        ck_f32_softmax(Int64(rows.count), Int64(columns), x, &y, nil)
        ck_f32_log_softmax(Int64(rows.count), Int64(columns), x, &logs, nil)
        expectClose(y, expected, level)
        expectClose(logs.map { exp($0) }, expected, tolerance: 1e-5, level)
        return y + logs
      }
    }

    @Test(arguments: [10, 67]) func outputMayBeInput(_ columns: Int) {
      var numbers = Numbers(13)
      let x = numbers.floats(3 * columns)
      let probabilities = Self.rows(x, columns) { _, row in Self.softmax(row) }
      let functions = [
        (ck_f32_softmax, probabilities), (ck_f32_log_softmax, probabilities.map { log($0) }),
      ]
      for (function, expected) in functions {
        atEveryISA { level in
          var y = x
          y.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            function(3, Int64(columns), base, base, nil)
          }
          expectClose(y, expected, level)
          return y
        }
      }
    }

    @Test func sparseCrossEntropy() {
      var numbers = Numbers(14)
      for (rows, columns) in Self.shapes where rows > 0 {
        let x = numbers.floats(rows * columns, -6...6)
        let labels = (0..<rows).map { Int64($0 % 3 == 2 ? -1 : ($0 * 7) % columns) }
        let dloss = numbers.floats(rows)
        let loss = (0..<rows).map { r -> Double in
          let p = Self.softmax(x[r * columns..<(r + 1) * columns].map(Double.init))
          return labels[r] < 0 ? 0 : -log(p[Int(labels[r])])
        }
        let gradient = Self.rows(x, columns) { r, row in
          Self.softmax(row).enumerated().map { j, p in
            labels[r] < 0 ? 0 : Double(dloss[r]) * (p - (j == labels[r] ? 1 : 0))
          }
        }
        atEveryISA("\(rows) x \(columns)") { level in
          var out = [Float](repeating: -7, count: rows)
          ck_f32_sparse_cross_entropy(Int64(rows), Int64(columns), x, labels, &out, nil)
          expectClose(out, loss, level)
          var dx = [Float](repeating: -7, count: x.count)
          ck_f32_sparse_cross_entropy_gradient(
            Int64(rows),
            Int64(columns),
            x,
            labels,
            dloss,
            &dx,
            nil
          )
          expectClose(dx, gradient, level)
          return out + dx
        }
      }
    }
  }
}

import CKernels
import Foundation
import Testing

extension VectorKernels {
  @Suite struct Norm {
    static let shapes = [
      (1, 1, 1), (4, 3, 1), (8, 37, 1), (2, 3, 5), (3, 2, 49), (2, 2, 784), (1, 1, 5000),
    ]

    /// Mean and biased variance of channel `c` of [n, channels, s].
    static func statistics(_ x: [Float], _ n: Int, _ channels: Int, _ s: Int, _ c: Int) -> (
      Double, Double
    ) {
      let values = (0..<n).flatMap { i in (0..<s).map { Double(x[(i * channels + c) * s + $0]) } }
      let mean = values.reduce(0, +) / Double(values.count)
      return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
    }

    @Test func batchNormAndStatistics() {
      var numbers = Numbers(15)
      for (n, c, s) in Self.shapes {
        // A mean far from 0 would spoil a one-pass variance.
        let x = numbers.floats(n * c * s, 99...101)
        let (scale, bias) = (numbers.floats(c), numbers.floats(c))
        let (mean, variance) = (numbers.floats(c, 99...101), numbers.floats(c, 0.5...2))
        let normalized = x.indices.map { i -> Double in
          let k = i / s % c
          return (Double(x[i]) - Double(mean[k])) / (Double(variance[k]) + 1e-3).squareRoot()
            * Double(scale[k]) + Double(bias[k])
        }
        let exact = (0..<c).map { Self.statistics(x, n, c, s, $0) }
        let dims = (Int64(n), Int64(c), Int64(s))
        atEveryISA("\(n) x \(c) x \(s)") { level in
          var y = [Float](repeating: -7, count: x.count)
          ck_f32_batch_norm(dims.0, dims.1, dims.2, x, scale, bias, mean, variance, 1e-3, &y, nil)
          expectClose(y, normalized, level)
          var (m, v) = ([Float](repeating: -7, count: c), [Float](repeating: -7, count: c))
          ck_f32_batch_statistics(dims.0, dims.1, dims.2, x, &m, &v, nil)
          expectClose(m, exact.map(\.0), tolerance: 1e-7, level)
          expectClose(v, exact.map(\.1), tolerance: 1e-5, level)
          return y + m + v
        }
      }
    }

    @Test func batchNormGradient() {
      var numbers = Numbers(16)
      for (n, c, s) in Self.shapes {
        let (x, dy) = (numbers.floats(n * c * s), numbers.floats(n * c * s))
        let scale = numbers.floats(c)
        let statistics = (0..<c).map { Self.statistics(x, n, c, s, $0) }
        let (mean, variance) = (statistics.map { Float($0.0) }, statistics.map { Float($0.1) })
        let count = Double(n * s)
        let inverse = variance.map { 1 / (Double($0) + 1e-2).squareRoot() }
        var (dbias, dscale) = ([Double](repeating: 0, count: c), [Double](repeating: 0, count: c))
        func normalized(_ i: Int) -> Double {
          (Double(x[i]) - Double(mean[i / s % c])) * inverse[i / s % c]
        }
        for i in x.indices {
          dbias[i / s % c] += Double(dy[i])
          dscale[i / s % c] += Double(dy[i]) * normalized(i)
        }
        let dx = x.indices.map { i -> Double in
          let k = i / s % c
          return Double(scale[k]) * inverse[k]
            * (Double(dy[i]) - dbias[k] / count - normalized(i) * dscale[k] / count)
        }
        atEveryISA("\(n) x \(c) x \(s)") { level in
          var out = [Float](repeating: -7, count: x.count)
          var (ds, db) = ([Float](repeating: -7, count: c), [Float](repeating: -7, count: c))
          ck_f32_batch_norm_gradient(
            Int64(n),
            Int64(c),
            Int64(s),
            x,
            dy,
            scale,
            mean,
            variance,
            1e-2,
            &out,
            &ds,
            &db,
            nil
          )
          expectClose(out, dx, tolerance: 1e-5, level)
          expectClose(ds, dscale, tolerance: 1e-5, level)
          expectClose(db, dbias, tolerance: 1e-5, level)
          return out + ds + db
        }
      }
    }

    @Test func layerNorm() {
      var numbers = Numbers(17)
      for (rows, d) in [(1, 1), (3, 2), (2, 16), (5, 67), (2, 5000), (0, 4)] {
        let x = numbers.floats(rows * d, 9...11)
        let (scale, bias) = (numbers.floats(d), numbers.floats(d))
        for hasBias in [true, false] {
          var (exact, means, inverses) = ([Double](), [Double](), [Double]())
          for r in 0..<rows {
            let (mean, variance) = Self.statistics(Array(x[r * d..<(r + 1) * d]), 1, 1, d, 0)
            means.append(mean)
            inverses.append(1 / (variance + 1e-3).squareRoot())
            for j in 0..<d {
              exact.append(
                (Double(x[r * d + j]) - mean) * inverses[r] * Double(scale[j])
                  + (hasBias ? Double(bias[j]) : 0)
              )
            }
          }
          atEveryISA("\(rows) x \(d)") { level in
            var y = [Float](repeating: -7, count: x.count)
            var (m, v) = ([Float](repeating: -7, count: rows), [Float](repeating: -7, count: rows))
            ck_f32_layer_norm(
              Int64(rows),
              Int64(d),
              x,
              scale,
              hasBias ? bias : nil,
              1e-3,
              &y,
              &m,
              &v,
              nil
            )
            expectClose(y, exact, tolerance: 2e-5, level)
            expectClose(m, means, level)
            expectClose(v, inverses, tolerance: 1e-5, level)
            return y + m + v
          }
        }
      }
    }
  }
}

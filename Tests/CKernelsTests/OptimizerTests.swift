import CKernels
import Foundation
import Testing

extension VectorKernels {
  @Suite struct Optimizer {
    static let counts = [0, 1, 15, 16, 37, 100]

    @Test func stochasticGradientDescent() {
      var numbers = Numbers(21)
      for count in Self.counts {
        let (start, g) = (numbers.floats(count), numbers.floats(count))
        let expected = zip(start, g).map { weight, gradient -> Double in
          let decayed: Double = 0.5 * Double(gradient) + 0.25 * Double(weight)
          return Double(weight) - 0.125 * decayed
        }
        atEveryISA("x \(count)") { level in
          var w = start
          ck_f32_sgd(Int64(count), &w, g, 0.125, 0.25, 0.5, nil)
          expectClose(w, expected, level)
          return w
        }
      }
    }

    @Test(arguments: [false, true]) func momentum(nesterov: Bool) {
      var numbers = Numbers(22)
      for count in Self.counts {
        let (start, g, velocity) = (
          numbers.floats(count), numbers.floats(count), numbers.floats(count)
        )
        var (weights, velocities) = ([Double](), [Double]())
        for i in 0..<count {
          let gradient = 0.5 * Double(g[i]) + 0.25 * Double(start[i])
          let v = 0.75 * Double(velocity[i]) + gradient
          velocities.append(v)
          weights.append(Double(start[i]) - 0.125 * (nesterov ? gradient + 0.75 * v : v))
        }
        atEveryISA("x \(count)") { level in
          var (w, v) = (start, velocity)
          ck_f32_momentum(Int64(count), &w, g, &v, 0.125, 0.75, nesterov, 0.25, 0.5, nil)
          expectClose(w, weights, level)
          expectClose(v, velocities, level)
          return w + v
        }
      }
    }

    @Test(arguments: [false, true]) func adam(decoupled: Bool) {
      var numbers = Numbers(23)
      let (rate, beta1, beta2, epsilon, decay, scale) = (
        0.125, 0.875, 0.96875, 0.0078125, 0.25, 0.5
      )
      for count in Self.counts {
        let start = numbers.floats(count)
        var (weights, m1, v1) = (
          start.map(Double.init), [Double](repeating: 0, count: count),
          [Double](repeating: 0, count: count)
        )
        let gradients = (0..<3).map { _ in numbers.floats(count) }
        for (t, g) in gradients.enumerated() {
          for i in 0..<count {
            let gradient = scale * Double(g[i]) + (decoupled ? 0 : decay * weights[i])
            if decoupled { weights[i] -= rate * decay * weights[i] }
            m1[i] = beta1 * m1[i] + (1 - beta1) * gradient
            v1[i] = beta2 * v1[i] + (1 - beta2) * gradient * gradient
            let m = m1[i] / (1 - pow(beta1, Double(t + 1)))
            let v = v1[i] / (1 - pow(beta2, Double(t + 1)))
            weights[i] -= rate * m / (v.squareRoot() + epsilon)
          }
        }
        atEveryISA("x \(count)") { level in
          var (w, m, v) = (
            start, [Float](repeating: 0, count: count), [Float](repeating: 0, count: count)
          )
          for (t, g) in gradients.enumerated() {
            ck_f32_adam(
              Int64(count),
              &w,
              g,
              &m,
              &v,
              Float(rate),
              Float(beta1),
              Float(beta2),
              Float(epsilon),
              Int64(t + 1),
              Float(decay),
              decoupled,
              Float(scale),
              nil
            )
          }
          expectClose(w, weights, level)
          expectClose(m, m1, level)
          expectClose(v, v1, level)
          return w + m + v
        }
      }
    }

    @Test func sumOfSquares() {
      var numbers = Numbers(24)
      for count in Self.counts + [4099, 200_001] {
        let x = numbers.floats(count)
        let exact = x.reduce(0.0) { $0 + Double($1) * Double($1) }
        let sums = supportedISAs.map { isa in
          at(isa) { ck_f32_sum_of_squares(Int64(count), x, nil) }
        }
        for sum in sums {
          #expect(abs(sum - exact) <= 1e-12 * exact)
          #expect(sum == sums[0])
        }
      }
    }
  }
}

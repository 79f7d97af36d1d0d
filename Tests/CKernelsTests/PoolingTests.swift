import CKernels
import Foundation
import Testing

extension VectorKernels {
  @Suite struct Pooling {
    static func pooling(
      _ n: Int64,
      _ c: Int64,
      _ h: Int64,
      _ w: Int64,
      kernel: (Int64, Int64),
      stride: (Int64, Int64),
      dilation: (Int64, Int64) = (1, 1),
      pads: (Int64, Int64, Int64, Int64) = (0, 0, 0, 0),
      includePad: Bool = false,
      output: (Int64, Int64)? = nil
    ) -> ck_pooling {
      let (kh, kw) = kernel
      let oh = (h + pads.0 + pads.2 - dilation.0 * (kh - 1) - 1) / stride.0 + 1
      let ow = (w + pads.1 + pads.3 - dilation.1 * (kw - 1) - 1) / stride.1 + 1
      return ck_pooling(
        n: n,
        c: c,
        h: h,
        w: w,
        kh: kh,
        kw: kw,
        oh: output?.0 ?? oh,
        ow: output?.1 ?? ow,
        stride_h: stride.0,
        stride_w: stride.1,
        dilation_h: dilation.0,
        dilation_w: dilation.1,
        pad_top: pads.0,
        pad_left: pads.1,
        pad_bottom: pads.2,
        pad_right: pads.3,
        count_include_pad: includePad
      )
    }

    static let cases: [ck_pooling] = [
      pooling(1, 1, 2, 2, kernel: (2, 2), stride: (2, 2)),
      pooling(2, 3, 28, 28, kernel: (2, 2), stride: (2, 2)),
      pooling(2, 2, 10, 10, kernel: (2, 2), stride: (2, 2)),
      pooling(1, 2, 7, 9, kernel: (2, 2), stride: (2, 2)),
      pooling(1, 1, 6, 71, kernel: (2, 2), stride: (2, 2)),
      pooling(3, 1, 2, 34, kernel: (2, 2), stride: (2, 2)),
      pooling(1, 1, 4, 2100, kernel: (2, 2), stride: (2, 2)),
      pooling(2, 2, 7, 7, kernel: (7, 7), stride: (1, 1)),
      pooling(1, 2, 9, 33, kernel: (3, 3), stride: (1, 1), pads: (1, 1, 1, 1)),
      pooling(1, 2, 9, 70, kernel: (3, 3), stride: (2, 2), pads: (1, 1, 1, 1)),
      pooling(1, 1, 9, 40, kernel: (3, 2), stride: (2, 3), pads: (1, 0, 2, 1), includePad: true),
      pooling(1, 1, 12, 13, kernel: (3, 3), stride: (2, 1), dilation: (2, 3), pads: (2, 3, 2, 3)),
      pooling(1, 1, 1, 50, kernel: (1, 4), stride: (1, 4)),
      pooling(1, 1, 5, 5, kernel: (2, 2), stride: (2, 2), output: (3, 3)),
      pooling(0, 1, 4, 4, kernel: (2, 2), stride: (2, 2)),
    ]

    static func label(_ p: ck_pooling) -> String {
      "\(p.h) x \(p.w) window \(p.kh) x \(p.kw) stride \(p.stride_h) \(p.stride_w)"
    }

    /// The indices into x of each output's window, in row-major order, and its divisor.
    static func windows(_ p: ck_pooling) -> [(inside: [Int], divisor: Int)] {
      var windows: [(inside: [Int], divisor: Int)] = []
      for plane in 0..<p.n * p.c {
        for oy in 0..<p.oh {
          for ox in 0..<p.ow {
            var inside: [Int] = []
            var padded = 0
            for ky in 0..<p.kh {
              for kx in 0..<p.kw {
                let iy = oy * p.stride_h - p.pad_top + ky * p.dilation_h
                let ix = ox * p.stride_w - p.pad_left + kx * p.dilation_w
                if iy < p.h + p.pad_bottom && ix < p.w + p.pad_right { padded += 1 }
                if (0..<p.h).contains(iy) && (0..<p.w).contains(ix) {
                  inside.append(Int((plane * p.h + iy) * p.w + ix))
                }
              }
            }
            windows.append((inside, p.count_include_pad ? padded : inside.count))
          }
        }
      }
      return windows
    }

    @Test(arguments: [false, true]) func maximum(withNaN: Bool) {
      var numbers = Numbers(18)
      for var p in Self.cases {
        // Few different values, so that ties are common.
        let x = (0..<Int(p.n * p.c * p.h * p.w)).map { i in
          withNaN && i % 13 == 5 ? Float.nan : Float(Int.random(in: -3...3, using: &numbers))
        }
        let windows = Self.windows(p)
        let dy = numbers.floats(windows.count)
        var y = [Double]()
        var dx = [Double](repeating: 0, count: x.count)
        for (o, window) in windows.enumerated() {
          var best: Int?
          for i in window.inside {
            guard let b = best else {
              best = i
              continue
            }
            if x[i] > x[b] || (x[i].isNaN && !x[b].isNaN) { best = i }
          }
          y.append(best.map { Double(x[$0]) } ?? -.infinity)
          if let best { dx[best] += Double(dy[o]) }
        }
        atEveryISA(Self.label(p)) { level in
          var out = [Float](repeating: -7, count: windows.count)
          ck_f32_max_pool(&p, x, &out, nil)
          expectClose(out, y, level)
          var gradient = [Float](repeating: -7, count: x.count)
          ck_f32_max_pool_gradient(&p, x, dy, &gradient, nil)
          expectClose(gradient, dx, level)
          return gradient
        }
      }
    }

    @Test func average() {
      var numbers = Numbers(19)
      for var p in Self.cases {
        let x = numbers.floats(Int(p.n * p.c * p.h * p.w))
        let windows = Self.windows(p)
        let dy = numbers.floats(windows.count)
        var y = [Double]()
        var dx = [Double](repeating: 0, count: x.count)
        for (o, window) in windows.enumerated() {
          let sum = window.inside.reduce(0) { $0 + Double(x[$1]) }
          y.append(window.divisor == 0 ? 0 : sum / Double(window.divisor))
          for i in window.inside { dx[i] += Double(dy[o]) / Double(window.divisor) }
        }
        atEveryISA(Self.label(p)) { level in
          var out = [Float](repeating: -7, count: windows.count)
          ck_f32_average_pool(&p, x, &out, nil)
          expectClose(out, y, level)
          var gradient = [Float](repeating: -7, count: x.count)
          ck_f32_average_pool_gradient(&p, dy, &gradient, nil)
          expectClose(gradient, dx, level)
          return out + gradient
        }
      }
    }
  }
}

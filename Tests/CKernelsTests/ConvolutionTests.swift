import CKernels
import Foundation
import Testing

extension VectorKernels {
  @Suite struct Convolution {
    /// A convolution with its naive reference in Double.
    struct Case: CustomStringConvertible {
      var conv: ck_conv

      /// `bottom` and `right` padding only decide the output size.
      init(
        n: Int = 1,
        c: Int,
        _ h: Int,
        _ w: Int,
        oc: Int,
        kernel: (Int, Int),
        stride: (Int, Int) = (1, 1),
        dilation: (Int, Int) = (1, 1),
        pad: (top: Int, left: Int, bottom: Int, right: Int) = (0, 0, 0, 0),
        groups: Int = 1
      ) {
        let oh = (h + pad.top + pad.bottom - (kernel.0 - 1) * dilation.0 - 1) / stride.0 + 1
        let ow = (w + pad.left + pad.right - (kernel.1 - 1) * dilation.1 - 1) / stride.1 + 1
        conv = ck_conv()
        (conv.n, conv.c, conv.h, conv.w) = (Int64(n), Int64(c), Int64(h), Int64(w))
        (conv.oc, conv.kh, conv.kw) = (Int64(oc), Int64(kernel.0), Int64(kernel.1))
        (conv.oh, conv.ow, conv.groups) = (Int64(oh), Int64(ow), Int64(groups))
        (conv.stride_h, conv.stride_w) = (Int64(stride.0), Int64(stride.1))
        (conv.dilation_h, conv.dilation_w) = (Int64(dilation.0), Int64(dilation.1))
        (conv.pad_top, conv.pad_left) = (Int64(pad.top), Int64(pad.left))
      }

      init(
        n: Int = 1,
        c: Int,
        size: Int,
        oc: Int,
        kernel: Int,
        stride: Int = 1,
        pad: Int = 0,
        groups: Int = 1
      ) {
        self.init(
          n: n,
          c: c,
          size,
          size,
          oc: oc,
          kernel: (kernel, kernel),
          stride: (stride, stride),
          pad: (pad, pad, pad, pad),
          groups: groups
        )
      }

      var description: String {
        "[\(conv.n), \(conv.c), \(conv.h), \(conv.w)] * [\(conv.oc), \(conv.kh), \(conv.kw)] stride "
          + "\(conv.stride_h) \(conv.stride_w) groups \(conv.groups)"
      }

      var xCount: Int { Int(conv.n * conv.c * conv.h * conv.w) }
      var weightCount: Int { Int(conv.oc * (conv.c / conv.groups) * conv.kh * conv.kw) }
      var yCount: Int { Int(conv.n * conv.oc * conv.oh * conv.ow) }

      /// Calls `body` with the indices of every (y, x, weight) that a product joins.
      func forEachProduct(_ body: (_ y: Int, _ x: Int, _ weight: Int) -> Void) {
        let c = Int(conv.c / conv.groups)
        let (h, w, oc, oh, ow) = (
          Int(conv.h), Int(conv.w), Int(conv.oc), Int(conv.oh), Int(conv.ow)
        )
        for n in 0..<Int(conv.n) {
          for o in 0..<oc {
            let group = o / (oc / Int(conv.groups))
            for channel in 0..<c {
              for i in 0..<Int(conv.kh) {
                for j in 0..<Int(conv.kw) {
                  for r in 0..<oh {
                    let row = r * Int(conv.stride_h) + i * Int(conv.dilation_h) - Int(conv.pad_top)
                    guard row >= 0, row < h else { continue }
                    for q in 0..<ow {
                      let column =
                        q * Int(conv.stride_w) + j * Int(conv.dilation_w) - Int(conv.pad_left)
                      guard column >= 0, column < w else { continue }
                      body(
                        ((n * oc + o) * oh + r) * ow + q,
                        ((n * Int(conv.c) + group * c + channel) * h + row) * w + column,
                        ((o * c + channel) * Int(conv.kh) + i) * Int(conv.kw) + j
                      )
                    }
                  }
                }
              }
            }
          }
        }
      }

      func operands() -> (x: [Float], weights: [Float], bias: [Float], dy: [Float]) {
        var numbers = Numbers(UInt64(xCount + 3 * weightCount))
        return (
          numbers.floats(xCount), numbers.floats(weightCount), numbers.floats(Int(conv.oc)),
          numbers.floats(yCount)
        )
      }

      func forward(
        packed: Bool,
        bias: Bool = true,
        _ kind: ck_activation_kind = CK_ACT_NONE,
        threads: Int32 = 1
      ) -> [Float] {
        let (x, weights, biases, _) = operands()
        var y = [Float](repeating: .nan, count: yCount)
        var conv = conv
        let pool = ck_pool_create(threads)
        defer { ck_pool_destroy(pool) }
        let activation = ck_activation(kind: kind, alpha: 0.25, beta: 0.75)
        var storage = [Float](repeating: 0, count: Int(ck_f32_conv_packed_count(&conv)) + 16)
        storage.withUnsafeMutableBufferPointer { storage in
          let own = aligned(storage)
          ck_f32_conv_pack(&conv, weights, own)
          biases.withUnsafeBufferPointer {
            ck_f32_conv(
              &conv,
              x,
              weights,
              packed ? own : nil,
              bias ? $0.baseAddress : nil,
              activation,
              &y,
              pool
            )
          }
        }
        return y
      }

      func gradients(threads: Int32 = 1) -> (x: [Float], weights: [Float]) {
        let (x, weights, _, dy) = operands()
        var dx = [Float](repeating: .nan, count: xCount)
        var dw = [Float](repeating: .nan, count: weightCount)
        var conv = conv
        let pool = ck_pool_create(threads)
        defer { ck_pool_destroy(pool) }
        ck_f32_conv_gradient_input(&conv, dy, weights, &dx, pool)
        ck_f32_conv_gradient_weights(&conv, x, dy, &dw, pool)
        return (dx, dw)
      }

      func check(sourceLocation: SourceLocation = #_sourceLocation) {
        let (x, weights, bias, dy) = operands()
        var y = [Double](repeating: 0, count: yCount)
        var dx = [Double](repeating: 0, count: xCount)
        var dw = [Double](repeating: 0, count: weightCount)
        forEachProduct { yi, xi, wi in
          y[yi] += Double(x[xi]) * Double(weights[wi])
          dx[xi] += Double(dy[yi]) * Double(weights[wi])
          dw[wi] += Double(dy[yi]) * Double(x[xi])
        }
        let plane = Int(conv.oh * conv.ow)
        for index in y.indices { y[index] += Double(bias[index / plane % Int(conv.oc)]) }
        let chain = Double(weightCount / Int(conv.oc) + 8)
        let backward = Double(Int(conv.oc / conv.groups * conv.kh * conv.kw) + 8)
        for isa in supportedISAs {
          at(isa) {
            let comment = "\(name(isa)) \(self)"
            expectClose(
              forward(packed: true),
              y,
              tolerance: 2e-6 * chain,
              "y: " + comment,
              sourceLocation: sourceLocation
            )
            let gradients = gradients()
            expectClose(
              gradients.x,
              dx,
              tolerance: 2e-6 * backward,
              "dx: " + comment,
              sourceLocation: sourceLocation
            )
            expectClose(
              gradients.weights,
              dw,
              tolerance: 2e-6 * Double(Int(conv.n) * plane + 8),
              "dw: " + comment,
              sourceLocation: sourceLocation
            )
          }
        }
        atEveryISA("y: \(self)", sourceLocation: sourceLocation) { _ in forward(packed: false) }
        atEveryISA("dx: \(self)", sourceLocation: sourceLocation) { _ in gradients().x }
      }
    }

    @Test func windows() {
      Case(c: 1, size: 1, oc: 1, kernel: 1).check()
      Case(n: 2, c: 3, 7, 9, oc: 4, kernel: (3, 2)).check()
      Case(n: 2, c: 2, 1, 40, oc: 5, kernel: (1, 5), pad: (0, 2, 0, 2)).check()
      Case(c: 2, 5, 33, oc: 17, kernel: (5, 5), pad: (2, 2, 2, 2)).check()
    }

    @Test func stridesPaddingAndDilation() {
      Case(n: 2, c: 3, 11, 23, oc: 5, kernel: (3, 3), stride: (2, 2), pad: (1, 1, 1, 1)).check()
      Case(c: 2, 12, 20, oc: 3, kernel: (3, 4), stride: (2, 3), pad: (0, 2, 1, 0)).check()
      Case(c: 2, 13, 19, oc: 3, kernel: (3, 3), dilation: (2, 3), pad: (2, 1, 2, 4)).check()
      Case(c: 2, 13, 19, oc: 3, kernel: (2, 3), stride: (3, 2), dilation: (2, 2), pad: (1, 2, 0, 1))
        .check()
      Case(n: 2, c: 3, 17, 24, oc: 8, kernel: (4, 4), stride: (4, 4), pad: (2, 0, 1, 0)).check()
      Case(c: 2, 14, 31, oc: 4, kernel: (5, 8), stride: (3, 4)).check()
      // Windows smaller than the stride leave input pixels that nothing reaches.
      Case(n: 2, c: 3, 9, 9, oc: 4, kernel: (1, 1), stride: (2, 2)).check()
      // Windows that lie in the padding altogether.
      Case(c: 1, 2, 2, oc: 2, kernel: (2, 2), pad: (3, 3, 3, 3)).check()
    }

    @Test func groups() {
      Case(n: 2, c: 6, size: 9, oc: 4, kernel: 3, pad: 1, groups: 2).check()
      Case(n: 2, c: 5, size: 20, oc: 5, kernel: 3, pad: 1, groups: 5).check()
      Case(c: 4, size: 11, oc: 8, kernel: 3, stride: 2, pad: 1, groups: 4).check()
    }

    @Test func layersOfRealNetworks() {
      Case(n: 3, c: 1, size: 28, oc: 6, kernel: 5, pad: 2).check()
      Case(n: 5, c: 6, size: 14, oc: 16, kernel: 5).check()
      Case(c: 4, size: 36, oc: 16, kernel: 8, stride: 4).check()
      Case(n: 2, c: 16, size: 9, oc: 32, kernel: 4, stride: 2).check()
      Case(c: 70, size: 7, oc: 66, kernel: 3, pad: 1).check()
      Case(n: 2, c: 40, size: 14, oc: 50, kernel: 1).check()
      Case(c: 40, size: 14, oc: 50, kernel: 1, stride: 2).check()
      Case(c: 3, size: 64, oc: 33, kernel: 3, pad: 1).check()
    }

    /// The gradients of a multiple of 16 small images take one image per lane.
    @Test func batchesOfSmallImages() {
      Case(n: 16, c: 3, 9, 6, oc: 5, kernel: (3, 2)).check()
      Case(n: 48, c: 6, 8, 8, oc: 4, kernel: (5, 5), pad: (2, 2, 2, 2)).check()
      Case(n: 16, c: 17, 4, 5, oc: 2, kernel: (2, 3), pad: (1, 0, 3, 2)).check()
      Case(n: 16, c: 48, size: 5, oc: 80, kernel: 3).check()
    }

    /// Short rows and strides over many channels: the gradient of the weights takes the pixels as steps.
    @Test func pixelsAsSteps() {
      Case(n: 11, c: 4, size: 44, oc: 16, kernel: 8, stride: 4).check()
      Case(n: 3, c: 32, 7, 6, oc: 48, kernel: (3, 3), pad: (1, 1, 1, 1)).check()
      Case(n: 2, c: 9, 11, 13, oc: 32, kernel: (4, 2), stride: (2, 2), pad: (1, 2, 2, 1)).check()
      Case(n: 14, c: 64, size: 9, oc: 16, kernel: 3).check()
    }

    @Test func activations() {
      let layer = Case(n: 2, c: 3, size: 20, oc: 5, kernel: 3, pad: 1)
      for isa in supportedISAs {
        at(isa) {
          let plain = layer.forward(packed: true).map(Double.init)
          for kind in everyActivation {
            expectClose(
              layer.forward(packed: true, kind),
              plain.map { activate($0, kind, 0.25, 0.75) },
              tolerance: 1e-6,
              "\(name(isa)) \(kind)"
            )
          }
        }
      }
    }

    @Test func bitsDoNotDependOnThreadsOrPacking() {
      let layers = [
        Case(n: 3, c: 6, size: 14, oc: 16, kernel: 5),
        Case(n: 64, c: 6, size: 14, oc: 16, kernel: 5),
        Case(c: 8, size: 40, oc: 30, kernel: 3, pad: 1),
        Case(n: 2, c: 12, size: 21, oc: 12, kernel: 3, stride: 2, pad: 1, groups: 12),
        Case(c: 64, size: 14, oc: 64, kernel: 3, pad: 1),
        Case(n: 21, c: 16, size: 20, oc: 32, kernel: 4, stride: 2),
      ]
      for isa in supportedISAs {
        at(isa) {
          for layer in layers {
            let y = layer.forward(packed: true)
            let gradients = layer.gradients()
            for threads in [2, 3] as [Int32] {
              #expect(layer.forward(packed: false, threads: threads) == y, "\(name(isa)) \(layer)")
              let others = layer.gradients(threads: threads)
              #expect(others.x == gradients.x, "dx \(name(isa)) \(layer)")
              #expect(others.weights == gradients.weights, "dw \(name(isa)) \(layer)")
            }
          }
        }
      }
    }

    /// An image's bits do not depend on the batch that it is in.
    @Test func imagesAreTheSameInAnyBatch() {
      for isa in supportedISAs {
        at(isa) {
          for (c, size, oc, kernel) in [(6, 14, 16, 5), (70, 7, 66, 3), (3, 30, 8, 3)] {
            let batch = Case(n: 5, c: c, size: size, oc: oc, kernel: kernel)
            let y = batch.forward(packed: true)
            var single = batch.conv
            single.n = 1
            let (x, weights, bias, _) = batch.operands()
            let xStep = batch.xCount / 5
            let yStep = batch.yCount / 5
            for image in 0..<5 {
              var one = [Float](repeating: 0, count: yStep)
              let input = Array(x[image * xStep..<(image + 1) * xStep])
              ck_f32_conv(
                &single,
                input,
                weights,
                nil,
                bias,
                ck_activation(kind: CK_ACT_NONE, alpha: 0, beta: 0),
                &one,
                nil
              )
              #expect(one == Array(y[image * yStep..<(image + 1) * yStep]), "\(name(isa)) \(batch)")
            }
          }
        }
      }
    }
  }
}

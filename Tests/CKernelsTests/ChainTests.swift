import CKernels
import Foundation
import Testing

extension VectorKernels {
  @Suite struct Chain {
    static func unary(_ op: ck_unary, _ x: Int32, _ p0: Float = 0, _ p1: Float = 0) -> ck_chain_step
    {
      ck_chain_step(is_binary: 0, op: Int32(op.rawValue), lhs: x, rhs: 0, p0: p0, p1: p1)
    }

    static func binary(_ op: ck_binary, _ a: Int32, _ b: Int32, _ p0: Float = 0) -> ck_chain_step {
      ck_chain_step(is_binary: 1, op: Int32(op.rawValue), lhs: a, rhs: b, p0: p0, p1: 0)
    }

    /// Runs a chain over copies of `inputs` at stable addresses.
    static func run(
      _ steps: [ck_chain_step],
      _ inputs: [[Float]],
      _ access: [ck_chain_access],
      outer: Int,
      inner: Int
    ) -> [Float] {
      let storage = inputs.map { input in
        let copy = UnsafeMutablePointer<Float>.allocate(capacity: Swift.max(input.count, 1))
        copy.initialize(from: input, count: input.count)
        return copy
      }
      defer { storage.forEach { $0.deallocate() } }
      let pointers = storage.map { UnsafePointer($0) }
      var y = [Float](repeating: -7, count: outer * inner)
      ck_f32_chain(
        Int32(steps.count),
        steps,
        Int32(inputs.count),
        pointers,
        access,
        Int64(outer),
        Int64(inner),
        &y,
        nil
      )
      return y
    }

    @Test func everyAccessAtEveryShape() {
      var numbers = Numbers(7)
      // relu(x * scale[inner] + shift[outer]) - sigmoid(scalar * x2)
      let steps = [
        Self.binary(CK_MUL, 0, 1), Self.binary(CK_ADD, 5, 2), Self.unary(CK_RELU, 6),
        Self.binary(CK_MUL, 3, 4), Self.unary(CK_SIGMOID, 8), Self.binary(CK_SUB, 7, 9),
      ]
      let access = [
        CK_CHAIN_FULL, CK_CHAIN_INNER, CK_CHAIN_OUTER, CK_CHAIN_SCALAR, CK_CHAIN_FULL,
      ]
      for (outer, inner) in [
        (1, 1), (0, 5), (5, 0), (1, 3000), (3, 700), (7, 1024), (300, 10), (513, 1), (2, 512),
        (40, 33),
      ] {
        let x = numbers.floats(outer * inner)
        let scale = numbers.floats(inner)
        let shift = numbers.floats(outer)
        let x2 = numbers.floats(outer * inner)
        let expected = (0..<outer * inner).map { i -> Double in
          let value = Double(x[i]) * Double(scale[i % inner]) + Double(shift[i / inner])
          return Swift.max(value, 0) - 1 / (1 + exp(-1.5 * Double(x2[i])))
        }
        atEveryISA("\(outer) x \(inner)") { level in
          let y = Self.run(steps, [x, scale, shift, [1.5], x2], access, outer: outer, inner: inner)
          expectClose(y, expected, level)
          return y
        }
      }
    }

    @Test func uniformChainFillsTheOutput() {
      let steps = [Self.unary(CK_NEG, 0), Self.binary(CK_ADD, 1, 0), Self.unary(CK_EXP, 2)]
      atEveryISA { level in
        let y = Self.run(steps, [[3]], [CK_CHAIN_SCALAR], outer: 2, inner: 700)
        expectClose(y, [Double](repeating: 1, count: 1400), level)
        return y
      }
      let rows = [Self.unary(CK_IDENTITY, 0)]
      let y = Self.run(rows, [[3, 4]], [CK_CHAIN_OUTER], outer: 2, inner: 600)
      expectClose(y, [Double](repeating: 3, count: 600) + [Double](repeating: 4, count: 600))
    }

    @Test func longChainReusesBuffers() {
      // x, then 23 steps that each add an earlier register: Fibonacci-like sums of x.
      var steps = [Self.binary(CK_ADD, 0, 0)]
      var factors = [1.0, 2.0]
      for step in 1..<Int(CK_CHAIN_STEPS_MAX) {
        let other = step % 3 == 0 ? 0 : step - 1
        steps.append(Self.binary(CK_SUB, Int32(step), Int32(other)))
        factors.append(factors[step] - factors[other])
      }
      var numbers = Numbers(8)
      let x = numbers.floats(2500)
      atEveryISA { level in
        let y = Self.run(steps, [x], [CK_CHAIN_FULL], outer: 1, inner: 2500)
        expectClose(y, x.map { Double($0) * (factors.last ?? 0) }, tolerance: 1e-5, level)
        return y
      }
    }
  }
}

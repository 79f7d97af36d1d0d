import CKernels
import GraphIR
import Tensors

extension Lowerings {
  static let linear: [OperatorName: Lowering] = [
    "Gemm": { try gemm($0) },
    "MatMul": { matMul($0) },
  ]

  /// Row and column strides of a row-major matrix, or of its transpose.
  private static func strides(columns: Int, transposed: Bool) -> (row: Int64, column: Int64) {
    transposed ? (1, Int64(columns)) : (Int64(columns), 1)
  }

  private static func product(
    m: Int,
    n: Int,
    k: Int,
    _ context: LoweringContext,
    transposedLeft: Bool,
    transposedRight: Bool,
    packsWeights: Bool = true
  ) -> ck_gemm {
    let left = strides(columns: transposedLeft ? m : k, transposed: transposedLeft)
    let right = strides(columns: transposedRight ? k : n, transposed: transposedRight)
    var packed: UnsafePointer<Float>?
    if packsWeights {
      packed = context.packed(
        1,
        layout: "gemm \(k)x\(n) \(transposedRight)",
        floatCount: Int(ck_f32_gemm_packed_b_count(Int64(k), Int64(n))),
        unpack: { ck_f32_gemm_unpack_b(Int64(k), Int64(n), $0, $1, right.row, right.column) }
      ) {
        ck_f32_gemm_pack_b(Int64(k), Int64(n), $0, right.row, right.column, $1)
      }
    }
    return ck_gemm(
      m: Int64(m),
      n: Int64(n),
      k: Int64(k),
      a: UnsafePointer(context.floats(0)),
      a_row_stride: left.row,
      a_column_stride: left.column,
      b: packed == nil ? UnsafePointer(context.floats(1)) : nil,
      b_row_stride: right.row,
      b_column_stride: right.column,
      b_packed: packed,
      c: context.outputFloats(),
      c_row_stride: Int64(n),
      alpha: 1,
      beta: 0,
      bias: nil,
      bias_kind: CK_BIAS_NONE,
      activation: context.activation
    )
  }

  /// `Y = alpha A' B' + beta C`, with C broadcast.
  private static func gemm(_ context: LoweringContext) throws -> Step? {
    guard context.areFloats(0, 1) else { return nil }
    let node = context.node
    let transposedLeft = try node.int("transA", default: 0) != 0
    let transposedRight = try node.int("transB", default: 0) != 0
    let (a, b) = (context.shape(0), context.shape(1))
    let (m, k) = transposedLeft ? (a[1], a[0]) : (a[0], a[1])
    let n = transposedRight ? b[0] : b[1]
    var gemm = product(
      m: m,
      n: n,
      k: k,
      context,
      transposedLeft: transposedLeft,
      transposedRight: transposedRight
    )
    gemm.alpha = try node.float("alpha", default: 1)
    let pool = context.pool
    if let rate = context.operation.updateRate {
      let rates = context.floats(ofValue: rate)
      gemm.beta = 1
      let fixed = gemm
      return {
        var product = fixed
        product.alpha = -rates[0]
        ck_f32_gemm(&product, pool)
      }
    }
    let beta = try node.float("beta", default: 1)
    guard context.hasInput(2), beta != 0 else {
      let fixed = gemm
      return {
        var product = fixed
        ck_f32_gemm(&product, pool)
      }
    }
    guard context.areFloats(2) else { return nil }
    let bias = context.shape(2)
    if beta == 1, bias.elementCount == n, bias.rank >= 1, bias[bias.rank - 1] == n {
      gemm.bias = UnsafePointer(context.floats(2))
      gemm.bias_kind = CK_BIAS_COLUMN
    } else if beta == 1, bias.rank == 2, bias[0] == m, bias[1] == 1 {
      gemm.bias = UnsafePointer(context.floats(2))
      gemm.bias_kind = CK_BIAS_ROW
    } else {
      // A full or scalar C: put it into Y first, broadcast.
      guard let layout = BroadcastDimensions([m, n], [bias]) else { return nil }
      gemm.beta = beta
      let fixed = gemm
      let (source, target) = (context.raw(2), context.rawOutput())
      let sizes = context.memory.store(layout.sizes)
      let from = context.memory.store(layout.strides[0])
      let to = context.memory.store(Shape(layout.sizes.map { Int($0) }).strides.map(Int64.init))
      let rank = Int32(layout.sizes.count)
      return {
        ck_copy_strided(4, rank, sizes, source, from, target, to, pool)
        var product = fixed
        ck_f32_gemm(&product, pool)
      }
    }
    let fixed = gemm
    return {
      var product = fixed
      ck_f32_gemm(&product, pool)
    }
  }

  /// NumPy's `matmul`: products of the last two dimensions, the others broadcast.
  private static func matMul(_ context: LoweringContext) -> Step? {
    guard context.areFloats(0, 1) else { return nil }
    let pool = context.pool
    var left = context.shape(0).dimensions
    var right = context.shape(1).dimensions
    if left.count == 1 { left.insert(1, at: 0) }
    if right.count == 1 { right.append(1) }
    let k = left[left.count - 1]
    let n = right[right.count - 1]
    if right.count == 2 {
      // One product: all leading dimensions of the left operand are rows.
      let rows = left.dropLast().reduce(1, *)
      var gemm = product(
        m: rows,
        n: n,
        k: k,
        context,
        transposedLeft: false,
        transposedRight: false
      )
      if context.hasInput(2), context.operation.updateRate == nil {
        // A bias that the plan fused into the product.
        gemm.bias = UnsafePointer(context.floats(2))
        gemm.bias_kind = CK_BIAS_COLUMN
      }
      if let rate = context.operation.updateRate {
        let rates = context.floats(ofValue: rate)
        gemm.beta = 1
        let fixed = gemm
        return {
          var product = fixed
          product.alpha = -rates[0]
          ck_f32_gemm(&product, pool)
        }
      }
      let fixed = gemm
      return {
        var product = fixed
        ck_f32_gemm(&product, pool)
      }
    }
    let m = left[left.count - 2]
    let batchLeft = Shape(Array(left.dropLast(2)))
    let batchRight = Shape(Array(right.dropLast(2)))
    guard let batch = try? Shape.broadcast(batchLeft, batchRight),
      let layout = BroadcastDimensions(batch, [batchLeft, batchRight])
    else { return nil }
    let fixed = product(
      m: m,
      n: n,
      k: k,
      context,
      transposedLeft: false,
      transposedRight: false,
      packsWeights: false
    )
    let (aSize, bSize, cSize) = (m * k, k * n, m * n)
    // The innermost batch dimension runs in the kernel, the others in this loop.
    let innerCount = layout.sizes[layout.sizes.count - 1]
    let innerA = layout.strides[0][layout.sizes.count - 1] * Int64(aSize)
    let innerB = layout.strides[1][layout.sizes.count - 1] * Int64(bSize)
    let outerSizes = layout.sizes.dropLast().map { Int($0) }
    let outerA = layout.strides[0].dropLast().map { Int($0) * aSize }
    let outerB = layout.strides[1].dropLast().map { Int($0) * bSize }
    let outerCount = outerSizes.reduce(1, *)
    return {
      var product = fixed
      for index in 0..<outerCount {
        var rest = index
        var (a, b) = (0, 0)
        for dimension in outerSizes.indices.reversed() {
          let position = rest % outerSizes[dimension]
          rest /= outerSizes[dimension]
          a += position * outerA[dimension]
          b += position * outerB[dimension]
        }
        product.a = fixed.a + a
        product.b = fixed.b.map { $0 + b }
        product.c = fixed.c + index * Int(innerCount) * cSize
        ck_f32_gemm_batched(&product, innerCount, innerA, innerB, Int64(cSize), pool)
      }
    }
  }
}

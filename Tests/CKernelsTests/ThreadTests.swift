import CKernels
import Foundation
import Testing

extension VectorKernels {
  /// Every kernel gives the same bits on two threads as on one: ranges that begin inside the arrays change nothing.
  @Suite struct Threads {
    static let count = 3 * 32_768 + 777

    /// Runs `body`, which fills its array, without and with threads at every level.
    static func compare(
      _ label: String,
      _ count: Int = count,
      sourceLocation: SourceLocation = #_sourceLocation,
      _ body: (UnsafeMutablePointer<Float>, OpaquePointer?) -> Void
    ) {
      let pool = ck_pool_create(2)
      defer { ck_pool_destroy(pool) }
      for isa in supportedISAs {
        at(isa) {
          let results = [nil, pool].map { threads in
            let values = UnsafeMutablePointer<Float>.allocate(capacity: count)
            memset(values, 0xff, 4 * count)
            body(values, threads)
            return values
          }
          defer { for values in results { values.deallocate() } }
          #expect(
            memcmp(results[0], results[1], 4 * count) == 0,
            "\(label) at \(name(isa)) with two threads",
            sourceLocation: sourceLocation
          )
        }
      }
    }

    let x: [Float]
    let z: [Float]

    init() {
      var numbers = Numbers(31)
      x = numbers.floats(Self.count)
      z = Array(x.reversed())
    }

    @Test func unaryAndBinary() {
      let n = Int64(Self.count)
      for op in [CK_EXP, CK_LOG, CK_TANH, CK_SIGMOID, CK_ERF, CK_SIN, CK_GELU, CK_RELU] {
        Self.compare("unary \(op.rawValue)") { ck_f32_unary(op, n, x, 1, 1, $0, $1) }
      }
      for op in [CK_ADD, CK_DIV, CK_MAX, CK_ELU_GRADIENT] {
        Self.compare("binary \(op.rawValue)") { ck_f32_binary(op, n, x, z, 1, $0, $1) }
      }
    }

    @Test(arguments: [7, 300, 5000])
    func broadcasts(_ inner: Int) {
      let dims = [Int64(Self.count / inner), Int64(inner)]
      let size = (Self.count / inner) * inner
      let bytes = x.map { $0 > 0 ? 1 as UInt8 : 0 }
      Self.compare("binary x \(inner)", size) {
        ck_f32_binary_broadcast(CK_SUB, 2, dims, x, [0, 1], z, [Int64(inner), 1], 0, $0, $1)
      }
      Self.compare("column x \(inner)", size) {
        ck_f32_binary_broadcast(CK_MUL, 2, dims, x, [Int64(inner), 1], z, [1, 0], 0, $0, $1)
      }
      Self.compare("select x \(inner)", size) {
        ck_f32_select_broadcast(
          2,
          dims,
          bytes,
          [0, 1],
          x,
          [Int64(inner), 1],
          z,
          [1, 0],
          $0,
          $1
        )
      }
      Self.compare("compare x \(inner)", size) { y, pool in
        y.withMemoryRebound(to: UInt8.self, capacity: size * 4) {
          ck_f32_compare_broadcast(
            CK_LESS,
            2,
            dims,
            x,
            [Int64(inner), 1],
            z,
            [0, 1],
            $0,
            pool
          )
        }
      }
    }

    @Test(arguments: [7, 120, 5000])
    func chains(_ inner: Int) {
      let steps = [
        ck_chain_step(is_binary: 1, op: Int32(CK_ADD.rawValue), lhs: 0, rhs: 1, p0: 0, p1: 0),
        ck_chain_step(is_binary: 1, op: Int32(CK_MUL.rawValue), lhs: 3, rhs: 2, p0: 0, p1: 0),
        ck_chain_step(is_binary: 0, op: Int32(CK_TANH.rawValue), lhs: 4, rhs: 0, p0: 0, p1: 0),
      ]
      let rows = Self.count / inner
      x.withUnsafeBufferPointer { x in
        z.withUnsafeBufferPointer { z in
          guard let a = x.baseAddress, let b = z.baseAddress else { return }
          Self.compare("chain x \(inner)", rows * inner) {
            ck_f32_chain(
              3,
              steps,
              3,
              [a, b, b],
              [CK_CHAIN_FULL, CK_CHAIN_INNER, CK_CHAIN_OUTER],
              Int64(rows),
              Int64(inner),
              $0,
              $1
            )
          }
        }
      }
    }

    @Test(arguments: [3, 10, 48, 49, 1000])
    func softmaxAndCrossEntropy(_ columns: Int) {
      let rows = Int64(Self.count / columns)
      let m = Int64(columns)
      let size = Int(rows) * columns
      let labels = (0..<Int(rows)).map { Int64($0 % (columns + 1)) - 1 }
      Self.compare("softmax", size) { ck_f32_softmax(rows, m, x, $0, $1) }
      Self.compare("log softmax", size) { ck_f32_log_softmax(rows, m, x, $0, $1) }
      Self.compare("softmax gradient", size) { ck_f32_softmax_gradient(rows, m, x, z, $0, $1) }
      Self.compare("log gradient", size) { ck_f32_log_softmax_gradient(rows, m, x, z, $0, $1) }
      Self.compare("cross-entropy", Int(rows)) {
        ck_f32_sparse_cross_entropy(rows, m, x, labels, $0, $1)
      }
      Self.compare("cross-entropy gradient", size) {
        ck_f32_sparse_cross_entropy_gradient(rows, m, x, labels, z, $0, $1)
      }
    }

    @Test(arguments: [(1, 99_000, 1), (9900, 10, 1), (3, 33, 1000), (1, 60, 1650), (500, 20, 9)])
    func reductions(_ outer: Int, _ reduced: Int, _ inner: Int) {
      let (o, r, i) = (Int64(outer), Int64(reduced), Int64(inner))
      for op in [CK_REDUCE_SUM, CK_REDUCE_MAX, CK_REDUCE_PROD, CK_REDUCE_L2, CK_REDUCE_LOG_SUM_EXP]
      {
        Self.compare("reduce \(op.rawValue)", outer * inner) {
          ck_f32_reduce(op, o, r, i, x, $0, $1)
        }
      }
      Self.compare("arg extreme", 2 * outer * inner) { y, pool in
        y.withMemoryRebound(to: Int64.self, capacity: outer * inner) {
          ck_f32_arg_extreme(1, 0, o, r, i, x, $0, pool)
        }
      }
    }

    @Test(arguments: [(40, 6, 400), (990, 100, 1)])
    func normalization(_ n: Int64, _ c: Int64, _ s: Int64) {
      let size = Int(n * c * s)
      let channels = Int(c)
      let variance = z.map { $0 * $0 + 0.1 }
      Self.compare("inference", size) {
        ck_f32_batch_norm(n, c, s, x, z, z, z, variance, 1e-5, $0, $1)
      }
      Self.compare("statistics", 2 * channels) {
        ck_f32_batch_statistics(n, c, s, x, $0, $0 + channels, $1)
      }
      Self.compare("gradient", size + 2 * channels) {
        ck_f32_batch_norm_gradient(
          n,
          c,
          s,
          x,
          z,
          z,
          z,
          variance,
          1e-5,
          $0,
          $0 + size,
          $0 + size + channels,
          $1
        )
      }
      Self.compare("layer", size) { ck_f32_layer_norm(n, c * s, x, z, z, 1e-5, $0, nil, nil, $1) }
    }

    @Test(arguments: [(2, 2, 0), (3, 2, 1), (3, 1, 1)])
    func pooling(_ kernel: Int64, _ stride: Int64, _ pad: Int64) {
      for size in [28, 61] as [Int64] {
        let planes = Int64(Self.count) / (size * size)
        let output = (size + 2 * pad - kernel) / stride + 1
        var p = ck_pooling(
          n: planes / 2,
          c: 2,
          h: size,
          w: size,
          kh: kernel,
          kw: kernel,
          oh: output,
          ow: output,
          stride_h: stride,
          stride_w: stride,
          dilation_h: 1,
          dilation_w: 1,
          pad_top: pad,
          pad_left: pad,
          pad_bottom: pad,
          pad_right: pad,
          count_include_pad: false
        )
        let (inputs, outputs) = (Int(p.n * 2 * size * size), Int(p.n * 2 * output * output))
        Self.compare("max", outputs) { ck_f32_max_pool(&p, x, $0, $1) }
        Self.compare("average", outputs) { ck_f32_average_pool(&p, x, $0, $1) }
        Self.compare("max gradient", inputs) { ck_f32_max_pool_gradient(&p, x, z, $0, $1) }
        Self.compare("average gradient", inputs) { ck_f32_average_pool_gradient(&p, z, $0, $1) }
      }
    }

    @Test func moves() {
      let n = Int64(96 * 1024)
      let indices = (0..<300).map { Int64($0 * 7 % 96) }
      for permutation in [[1, 0, 2], [2, 1, 0], [0, 2, 1]] as [[Int32]] {
        Self.compare("transpose \(permutation)", Int(n)) {
          ck_transpose(4, 3, [96, 32, 32], permutation, x, $0, $1)
        }
      }
      Self.compare("gather", 300 * 1024) { ck_gather(4, 1, 96, 1024, 300, indices, x, $0, $1) }
      Self.compare("scatter", Int(n)) {
        $0.update(repeating: 0, count: Int(n))
        ck_f32_scatter_add(1, 96, 1024, 96, indices, x, $0, $1)
      }
      Self.compare("copy", Int(n)) {
        ck_copy_strided(4, 3, [96, 32, 32], x, [1024, 1, 32], $0, [1024, 32, 1], $1)
      }
    }

    @Test func optimizers() {
      let n = Int64(Self.count)
      func restart(_ w: UnsafeMutablePointer<Float>) { w.update(from: z, count: Self.count) }
      Self.compare("sgd") { w, pool in
        restart(w)
        ck_f32_sgd(n, w, x, 0.1, 0.01, 0.5, pool)
      }
      Self.compare("momentum") { w, pool in
        restart(w)
        var v = x
        ck_f32_momentum(n, w, x, &v, 0.1, 0.9, true, 0.01, 0.5, pool)
      }
      Self.compare("adam") { w, pool in
        restart(w)
        var (m, v) = (x, x.map { $0 * $0 })
        ck_f32_adam(n, w, x, &m, &v, 0.1, 0.9, 0.99, 1e-8, 3, 0.01, true, 0.5, pool)
      }
      Self.compare("sum of squares", 2) { y, pool in
        y.withMemoryRebound(to: Double.self, capacity: 1) {
          $0.pointee = ck_f32_sum_of_squares(n, x, pool)
        }
      }
    }

    @Test func randomNumbers() {
      let n = Int64(Self.count)
      Self.compare("uniform") { ck_f32_uniform(5, 1, 3, n, -1, 1, $0, $1) }
      Self.compare("normal") { ck_f32_normal(5, 1, 3, n, 0, 1, $0, $1) }
      Self.compare("dropout") { ck_f32_dropout(5, 1, n, 0.3, x, $0, nil, $1) }
    }
  }
}

import CKernels

/// Times the kernels against what the machine can do.
struct KernelBenchmarks {
  /// Threads that products and convolutions may use.
  let threads: Int

  /// All rows; the two peaks come first and every share refers to them.
  func run() -> [BenchmarkResult] {
    let isa = ck_isa_current()
    let pool = threads > 1 ? ck_pool_create(Int32(threads)) : nil
    defer { ck_pool_destroy(pool) }
    let flops = ck_measure_peak_flops(isa) * Double(threads)
    let bytes = 16 << 20
    let bandwidth = ck_measure_copy_bandwidth(bytes)
    var rows = [
      BenchmarkResult(
        name: "peak fma \(String(cString: ck_isa_name(isa))) x\(threads)",
        microseconds: 0,
        gigaflops: flops / 1e9,
        shareOfPeak: 1
      ),
      BenchmarkResult(
        name: "peak copy 16 MiB",
        microseconds: Double(2 * bytes) / bandwidth * 1e6,
        gigabytesPerSecond: bandwidth / 1e9,
        shareOfPeak: 1
      ),
    ]
    for (m, n, k) in [
      (1024, 1024, 1024), (64, 300, 784), (100, 300, 784), (784, 300, 100), (1, 300, 784),
      (8, 300, 784),
    ] {
      rows.append(gemm(m, n, k, peak: flops, pool))
    }
    for shape in convolutions { rows += convolution(shape, peak: flops, pool) }
    rows += elementwise(bytes / 4, peak: bandwidth, pool)
    return rows
  }

  private func buffer(_ count: Int, seed: UInt64) -> UnsafeMutablePointer<Float> {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
    ck_f32_uniform(seed, 0, 0, Int64(count), -1, 1, memory, nil)
    return memory
  }

  private func gemm(
    _ m: Int,
    _ n: Int,
    _ k: Int,
    peak: Double,
    _ pool: OpaquePointer?
  ) -> BenchmarkResult {
    let (a, b, c) = (buffer(m * k, seed: 1), buffer(k * n, seed: 2), buffer(m * n, seed: 3))
    defer { a.deallocate(); b.deallocate(); c.deallocate() }
    // Few rows are the serving case, whose weights are packed once.
    let packed =
      m <= 64 ? buffer(Int(ck_f32_gemm_packed_b_count(Int64(k), Int64(n))), seed: 4) : nil
    defer { packed?.deallocate() }
    if let packed { ck_f32_gemm_pack_b(Int64(k), Int64(n), b, Int64(n), 1, packed) }
    var product = ck_gemm(
      m: Int64(m),
      n: Int64(n),
      k: Int64(k),
      a: a,
      a_row_stride: Int64(k),
      a_column_stride: 1,
      b: b,
      b_row_stride: Int64(n),
      b_column_stride: 1,
      b_packed: packed,
      c: c,
      c_row_stride: Int64(n),
      alpha: 1,
      beta: 0,
      bias: nil,
      bias_kind: CK_BIAS_NONE,
      activation: ck_activation(kind: CK_ACT_NONE, alpha: 0, beta: 0)
    )
    let seconds = Stopwatch.median { ck_f32_gemm(&product, pool) }
    return .flops(
      "gemm \(m)x\(n)x\(k)",
      seconds: seconds,
      work: 2 * Double(m) * Double(n) * Double(k),
      peak: peak
    )
  }

  private struct ConvolutionShape {
    let name: String
    let conv: ck_conv
  }

  private var convolutions: [ConvolutionShape] {
    func shape(
      _ name: String,
      n: Int64,
      c: Int64,
      size: Int64,
      oc: Int64,
      kernel: Int64,
      stride: Int64 = 1,
      pad: Int64
    ) -> ConvolutionShape {
      let output = (size + 2 * pad - kernel) / stride + 1
      return ConvolutionShape(
        name: name,
        conv: ck_conv(
          n: n,
          c: c,
          h: size,
          w: size,
          oc: oc,
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
          groups: 1
        )
      )
    }
    return [
      shape("lenet conv1 x64", n: 64, c: 1, size: 28, oc: 6, kernel: 5, pad: 2),
      shape("lenet conv2 x64", n: 64, c: 6, size: 14, oc: 16, kernel: 5, pad: 0),
      shape("cnn128 conv1 x4", n: 4, c: 1, size: 128, oc: 32, kernel: 5, pad: 2),
      shape("cnn128 conv2 x4", n: 4, c: 32, size: 64, oc: 32, kernel: 5, pad: 2),
      shape("resnet 3x3 128 x1", n: 1, c: 128, size: 28, oc: 128, kernel: 3, pad: 1),
      shape("dqn 8x8/4 x32", n: 32, c: 4, size: 84, oc: 32, kernel: 8, stride: 4, pad: 0),
    ]
  }

  private func convolution(
    _ shape: ConvolutionShape,
    peak: Double,
    _ pool: OpaquePointer?
  ) -> [BenchmarkResult] {
    var conv = shape.conv
    let inputs = Int(conv.n * conv.c * conv.h * conv.w)
    let outputs = Int(conv.n * conv.oc * conv.oh * conv.ow)
    let weights = Int(conv.oc * conv.c * conv.kh * conv.kw)
    let (x, w) = (buffer(inputs, seed: 1), buffer(weights, seed: 2))
    let (y, dx, dw) = (
      buffer(outputs, seed: 3), buffer(inputs, seed: 4), buffer(weights, seed: 5)
    )
    let packed = buffer(Int(ck_f32_conv_packed_count(&conv)), seed: 6)
    defer { for memory in [x, w, y, dx, dw, packed] { memory.deallocate() } }
    ck_f32_conv_pack(&conv, w, packed)
    let work = 2 * Double(outputs) * Double(conv.c * conv.kh * conv.kw)
    let none = ck_activation(kind: CK_ACT_NONE, alpha: 0, beta: 0)
    return [
      .flops(
        "conv \(shape.name)",
        seconds: Stopwatch.median { ck_f32_conv(&conv, x, w, packed, nil, none, y, pool) },
        work: work,
        peak: peak
      ),
      .flops(
        "conv dx \(shape.name)",
        seconds: Stopwatch.median { ck_f32_conv_gradient_input(&conv, y, w, dx, pool) },
        work: work,
        peak: peak
      ),
      .flops(
        "conv dw \(shape.name)",
        seconds: Stopwatch.median { ck_f32_conv_gradient_weights(&conv, x, y, dw, pool) },
        work: work,
        peak: peak
      ),
    ]
  }

  private func elementwise(
    _ count: Int,
    peak: Double,
    _ pool: OpaquePointer?
  ) -> [BenchmarkResult] {
    let (x, y, z) = (buffer(count, seed: 1), buffer(count, seed: 2), buffer(count, seed: 3))
    defer { for memory in [x, y, z] { memory.deallocate() } }
    let n = Int64(count)
    let each = Double(count * 4)
    func unary(_ name: String, _ op: ck_unary) -> BenchmarkResult {
      .bytes(
        "\(name) 16 MiB",
        seconds: Stopwatch.median { ck_f32_unary(op, n, x, 0, 0, z, pool) },
        moved: 2 * each,
        peak: peak
      )
    }
    return [
      // Three arrays: compared with a copy that touches as much memory, which may not fit the caches that two arrays fit.
      .bytes(
        "add 16 MiB",
        seconds: Stopwatch.median { ck_f32_binary(CK_ADD, n, x, y, 0, z, pool) },
        moved: 3 * each,
        peak: ck_measure_copy_bandwidth(count * 6)
      ),
      unary("relu", CK_RELU), unary("exp", CK_EXP), unary("tanh", CK_TANH),
      unary("sigmoid", CK_SIGMOID), unary("erf", CK_ERF),
      .bytes(
        "softmax 4096x1024 (16 MiB)",
        seconds: Stopwatch.median { ck_f32_softmax(4096, 1024, x, z, pool) },
        moved: 2 * each,
        peak: peak
      ),
      .bytes(
        "softmax 419430x10 (16 MiB)",
        seconds: Stopwatch.median { ck_f32_softmax(419_430, 10, x, z, pool) },
        moved: 2 * each,
        peak: peak
      ),
    ]
  }
}

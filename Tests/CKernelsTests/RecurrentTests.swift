import CKernels
import Testing

extension VectorKernels {
  /// The recurrent kernels across instruction sets, batches and cuts of T.
  ///
  /// That they compute what ONNX says is for the engine's tests, which
  /// have the reference interpreter.
  @Suite struct Recurrent {
    /// One direction of a cell with its operands.
    struct Problem {
      let cell: ck_recurrent_cell
      var (t, n, i, h) = (5, 7, 9, 21)
      var isReverse = false
      var lengths: [Int32]?
      /// Where there are some, `x` has a row for each of `vocabulary` tokens.
      var tokens: [Int64]?
      var vocabulary = 0
      var resetsAfterProduct = false
      var isPacked = false
      var x: [Float] = []
      var w: [Float] = []
      var r: [Float] = []
      var bias: [Float] = []
      var peepholes: [Float] = []
      var initialH: [Float] = []
      var initialC: [Float] = []

      var gates: Int { cell == CK_RECURRENT_LSTM ? 4 : cell == CK_RECURRENT_GRU ? 3 : 1 }
      var reserveBlocks: Int { cell == CK_RECURRENT_LSTM ? 5 : 4 }

      init(_ cell: ck_recurrent_cell, seed: UInt64 = 3) {
        self.cell = cell
        var numbers = Numbers(seed)
        x = numbers.floats(t * n * i, -1...1)
        w = numbers.floats(gates * h * i, -0.5...0.5)
        r = numbers.floats(gates * h * h, -0.5...0.5)
        bias = numbers.floats(2 * gates * h, -0.5...0.5)
        peepholes = numbers.floats(3 * h, -0.5...0.5)
        initialH = numbers.floats(n * h, -1...1)
        initialC = numbers.floats(n * h, -1...1)
      }

      /// Steps and rows of the problem as a problem of their own, with the given state.
      func part(steps: Range<Int>, rows: Range<Int>, h state: [Float], c: [Float]) -> Problem {
        var part = self
        (part.t, part.n) = (steps.count, rows.count)
        part.x = steps.flatMap { step in
          x[((step * n + rows.lowerBound) * i)..<((step * n + rows.upperBound) * i)]
        }
        (part.initialH, part.initialC) = (state, c)
        return part
      }
    }

    struct Results {
      var y: [Float]
      var h: [Float]
      var c: [Float]
      var reserve: [Float]
      var all: [Float] { y + h + c + reserve }
    }

    static func run(_ p: Problem, keeps: Bool = true) -> Results {
      var results = Results(
        y: Array(repeating: -7, count: p.t * p.n * p.h),
        h: Array(repeating: -7, count: p.n * p.h),
        c: Array(repeating: 0, count: p.n * p.h),
        reserve: Array(
          repeating: 0,
          count: keeps && p.cell != CK_RECURRENT_RNN ? p.t * p.n * p.h * p.reserveBlocks : 0
        )
      )
      withShape(p) { shape in
        results.y.withUnsafeMutableBufferPointer { y in
          results.h.withUnsafeMutableBufferPointer { h in
            results.c.withUnsafeMutableBufferPointer { c in
              results.reserve.withUnsafeMutableBufferPointer { reserve in
                let kept = reserve.isEmpty ? nil : reserve.baseAddress
                forward(p, shape, y.baseAddress, h.baseAddress, c.baseAddress, kept)
              }
            }
          }
        }
      }
      return results
    }

    private static func forward(
      _ p: Problem,
      _ shape: ck_recurrent,
      _ y: UnsafeMutablePointer<Float>?,
      _ h: UnsafeMutablePointer<Float>?,
      _ c: UnsafeMutablePointer<Float>?,
      _ reserve: UnsafeMutablePointer<Float>?
    ) {
      p.initialC.withUnsafeBufferPointer { initialC in
        p.peepholes.withUnsafeBufferPointer { peepholes in
          switch p.cell {
          case CK_RECURRENT_LSTM:
            var lstm = ck_lstm()
            lstm.shape = shape
            (lstm.initial_c, lstm.peepholes) = (initialC.baseAddress, peepholes.baseAddress)
            (lstm.y, lstm.y_h, lstm.y_c, lstm.reserve) = (y, h, c, reserve)
            ck_f32_lstm(&lstm, nil)
          case CK_RECURRENT_GRU:
            var gru = ck_gru()
            (gru.shape, gru.resets_after_product) = (shape, p.resetsAfterProduct)
            (gru.y, gru.y_h, gru.reserve) = (y, h, reserve)
            ck_f32_gru(&gru, nil)
          default:
            guard let y else { return }
            var rnn = ck_rnn(shape: shape, y: y, y_h: h)
            ck_f32_rnn(&rnn, nil)
          }
        }
      }
    }

    private static func withShape(_ p: Problem, _ body: (ck_recurrent) -> Void) {
      let (i, h) = (Int64(p.i), Int64(p.h))
      var packedW = [Float](
        repeating: 0,
        count: Int(ck_f32_recurrent_packed_w_count(p.cell, i, h)) + 32
      )
      var packedR = [Float](
        repeating: 0,
        count: Int(ck_f32_recurrent_packed_r_count(p.cell, h)) + 32
      )
      ck_f32_recurrent_pack_w(p.cell, i, h, p.w, &packedW)
      ck_f32_recurrent_pack_r(p.cell, h, p.r, &packedR)
      func pointer(_ values: [Float], _ body: (UnsafePointer<Float>?) -> Void) {
        values.withUnsafeBufferPointer { body($0.baseAddress) }
      }
      pointer(p.x) { x in
        pointer(p.w) { w in
          pointer(p.r) { r in
            pointer(p.bias) { bias in
              pointer(p.initialH) { initial in
                pointer(packedW) { packedW in
                  pointer(packedR) { packedR in
                    (p.lengths ?? []).withUnsafeBufferPointer { lengths in
                      (p.tokens ?? []).withUnsafeBufferPointer { tokens in
                        guard let x, let w, let r else { return }
                        body(
                          ck_recurrent(
                            t: Int64(p.t),
                            n: Int64(p.n),
                            i: i,
                            h: h,
                            directions: 1,
                            reverse: p.isReverse,
                            lengths: p.lengths == nil ? nil : lengths.baseAddress,
                            functions: (
                              CK_RECURRENT_SIGMOID, CK_RECURRENT_TANH, CK_RECURRENT_TANH
                            ),
                            x: x,
                            tokens: p.tokens == nil ? nil : tokens.baseAddress,
                            vocabulary: Int64(p.vocabulary),
                            token_gates: nil,
                            w: w,
                            r: r,
                            w_packed: p.isPacked ? packedW : nil,
                            r_packed: p.isPacked ? packedR : nil,
                            bias: bias,
                            initial_h: p.initialH.isEmpty ? nil : initial
                          )
                        )
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }

    static var problems: [Problem] {
      [CK_RECURRENT_RNN, CK_RECURRENT_GRU, CK_RECURRENT_LSTM].flatMap { cell -> [Problem] in
        let plain = Problem(cell)
        var (packed, reverse, masked, after) = (plain, plain, plain, plain)
        packed.isPacked = true
        reverse.isReverse = true
        masked.lengths = [5, 0, 1, 2, 3, 4, 5]
        after.resetsAfterProduct = true
        return [plain, packed, reverse, masked] + (cell == CK_RECURRENT_GRU ? [after] : [])
      }
    }

    @Test func packedWeightsComeBack() {
      for isa in supportedISAs {
        at(isa) {
          for cell in [CK_RECURRENT_RNN, CK_RECURRENT_GRU, CK_RECURRENT_LSTM] {
            let (i, h) = (5, 37)
            let gates = cell == CK_RECURRENT_LSTM ? 4 : cell == CK_RECURRENT_GRU ? 3 : 1
            let w = (0..<gates * h * i).map { Float($0) }
            let r = (0..<gates * h * h).map { Float($0) }
            let counts = (
              ck_f32_recurrent_packed_w_count(cell, Int64(i), Int64(h)),
              ck_f32_recurrent_packed_r_count(cell, Int64(h))
            )
            var packed = (
              [Float](repeating: 0, count: Int(counts.0)),
              [Float](repeating: 0, count: Int(counts.1))
            )
            ck_f32_recurrent_pack_w(cell, Int64(i), Int64(h), w, &packed.0)
            ck_f32_recurrent_pack_r(cell, Int64(h), r, &packed.1)
            var back = (
              [Float](repeating: -1, count: w.count), [Float](repeating: -1, count: r.count)
            )
            ck_f32_recurrent_unpack_w(cell, Int64(i), Int64(h), packed.0, &back.0)
            ck_f32_recurrent_unpack_r(cell, Int64(h), packed.1, &back.1)
            #expect(back.0 == w && back.1 == r, "\(name(isa)) \(cell)")
          }
        }
      }
    }

    @Test func levelsAgree() {
      for problem in Self.problems {
        let scalar = at(CK_ISA_SCALAR) { Self.run(problem).all.map(Double.init) }
        atEveryISA("cell \(problem.cell.rawValue)") { level in
          let all = Self.run(problem).all
          expectClose(all, scalar, tolerance: 1e-5, level)
          return all
        }
      }
    }

    @Test func tokensGiveTheBitsOfTheirRows() {
      for var rows in Self.problems where rows.cell == CK_RECURRENT_LSTM {
        for hasInitialH in [true, false] {
          if !hasInitialH { rows.initialH = [] }
          var tokens = rows
          tokens.vocabulary = 4
          let table = Array(rows.x[..<(4 * rows.i)])
          let chosen = (0..<(rows.t * rows.n)).map { Int64($0 * 7 % 4) }
          (tokens.x, tokens.tokens) = (table, chosen)
          rows.x = chosen.flatMap { table[(Int($0) * rows.i)...].prefix(rows.i) }
          for isa in supportedISAs {
            at(isa) {
              let expected = Self.run(rows).all
              #expect(Self.run(tokens).all == expected, "\(name(isa))")
            }
          }
        }
      }
    }

    /// The promise that serving rests on.
    @Test func aRowHasTheSameBitsInEveryBatchAndHoweverTIsCut() {
      for problem in Self.problems where !problem.isReverse && problem.lengths == nil {
        let (n, h) = (problem.n, problem.h)
        for isa in supportedISAs {
          at(isa) {
            let whole = Self.run(problem)
            for rows in [0..<1, 2..<4, 1..<7] {
              let range = (rows.lowerBound * h)..<(rows.upperBound * h)
              var state = Array(problem.initialH[range])
              var cell = Array(problem.initialC[range])
              for steps in [0..<1, 1..<3, 3..<4, 4..<5] {
                let part = problem.part(steps: steps, rows: rows, h: state, c: cell)
                let results = Self.run(part, keeps: steps.count > 1)
                for (index, step) in steps.enumerated() {
                  let expected = whole.y[(step * n * h)..<((step + 1) * n * h)].dropFirst(
                    range.lowerBound
                  )
                  .prefix(range.count)
                  let actual = results.y[(index * range.count)..<((index + 1) * range.count)]
                  #expect(
                    Array(actual) == Array(expected),
                    "\(name(isa)) rows \(rows) step \(step)"
                  )
                }
                (state, cell) = (results.h, results.c)
              }
            }
          }
        }
      }
    }
  }
}

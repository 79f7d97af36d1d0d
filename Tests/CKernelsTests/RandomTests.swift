import CKernels
import Foundation
import Testing

extension VectorKernels {
  @Suite struct Random {
    /// Philox4x32-10 as in the paper, one block.
    static func philox(_ counter: [UInt32], _ key: [UInt32]) -> [UInt32] {
      var (c, k) = (counter, key)
      for _ in 0..<10 {
        let p0 = UInt64(c[0]) * 0xD251_1F53
        let p1 = UInt64(c[2]) * 0xCD9E_8D57
        c = [
          UInt32(p1 >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: p1),
          UInt32(p0 >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: p0),
        ]
        k = [k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85]
      }
      return c
    }

    static func words(_ seed: UInt64, _ stream: UInt64, _ offset: UInt64, _ count: Int) -> [UInt32]
    {
      func halves(_ x: UInt64) -> [UInt32] { [UInt32(truncatingIfNeeded: x), UInt32(x >> 32)] }
      return (0..<count).map { i in
        let index = offset + UInt64(i)
        return philox(halves(index / 4) + halves(stream), halves(seed))[Int(index % 4)]
      }
    }

    /// The vectors of the Random123 distribution (kat_vectors).
    @Test func referenceMatchesPublishedVectors() {
      #expect(
        Self.philox([0, 0, 0, 0], [0, 0]) == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
      )
      let ones = UInt32.max
      #expect(
        Self.philox([ones, ones, ones, ones], [ones, ones]) == [
          0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd,
        ]
      )
      #expect(
        Self.philox(
          [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
          [0xa409_3822, 0x299f_31d0]
        ) == [
          0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1,
        ]
      )
    }

    @Test func wordsMatchReference() {
      let pi: [(UInt64, UInt64, UInt64)] = [
        (0, 0, 0), (.max, .max, .max - 300),
        (0x299f_31d0_a409_3822, 0x0370_7344_1319_8a2e, 1 << 34),
        (7, 9, (1 << 34) - 6), (1, 2, 3),
      ]
      for isa in supportedISAs {
        at(isa) {
          for (seed, stream, offset) in pi {
            for count in [0, 1, 2, 5, 33, 130] {
              var y = [UInt32](repeating: 1, count: count)
              ck_philox_u32(seed, stream, offset, Int64(count), &y, nil)
              #expect(y == Self.words(seed, stream, offset, count), "\(name(isa)) \(seed) \(count)")
            }
          }
        }
      }
    }

    static func moments(_ x: [Float]) -> (mean: Double, deviation: Double) {
      let mean = x.reduce(0.0) { $0 + Double($1) } / Double(x.count)
      let variance =
        x.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(x.count)
      return (mean, variance.squareRoot())
    }

    @Test func uniformNumbers() {
      atEveryISA { level in
        var y = [Float](repeating: 9, count: 50_001)
        ck_f32_uniform(11, 3, 0, 50_001, -1, 3, &y, nil)
        let moments = Self.moments(y)
        #expect(
          abs(moments.mean - 1) < 0.02 && abs(moments.deviation - 4 / 12.0.squareRoot()) < 0.02,
          "\(level)"
        )
        #expect(y.allSatisfy { $0 >= -1 && $0 < 3 })
        var tail = [Float](repeating: 9, count: 100)
        ck_f32_uniform(11, 3, 1237, 100, -1, 3, &tail, nil)
        #expect(tail == Array(y[1237..<1337]), "\(level)")
        return y
      }
      var narrow = [Float](repeating: 0, count: 10_000)
      ck_f32_uniform(1, 1, 0, 10_000, 1, 1 + 0x1p-22, &narrow, nil)
      #expect(narrow.allSatisfy { $0 >= 1 && $0 < 1 + 0x1p-22 })
    }

    @Test func normalNumbers() {
      atEveryISA { level in
        var y = [Float](repeating: 9, count: 50_001)
        ck_f32_normal(12, 4, 0, 50_001, 2, 3, &y, nil)
        let moments = Self.moments(y)
        #expect(abs(moments.mean - 2) < 0.05 && abs(moments.deviation - 3) < 0.05, "\(level)")
        let outside = y.filter { abs($0 - 2) > 6 }.count
        #expect((2000...2600).contains(outside), "\(level): \(outside) beyond two deviations")
        var tail = [Float](repeating: 9, count: 77)
        ck_f32_normal(12, 4, 1233, 77, 2, 3, &tail, nil)
        #expect(tail == Array(y[1233..<1310]), "\(level)")
        return y
      }
    }

    @Test func dropout() {
      let x = [Float](repeating: 2, count: 40_003)
      atEveryISA { level in
        var y = [Float](repeating: 9, count: x.count)
        var mask = [UInt8](repeating: 9, count: x.count)
        ck_f32_dropout(5, 6, Int64(x.count), 0.25, x, &y, &mask, nil)
        #expect(abs(Self.moments(y).mean - 2) < 0.03, "\(level)")
        #expect(
          zip(y, mask).allSatisfy { $1 == 1 ? abs($0 - 2 / 0.75) < 1e-6 : $1 == 0 && $0 == 0 }
        )
        var again = [Float](repeating: 9, count: x.count)
        ck_f32_dropout(5, 6, Int64(x.count), 0.25, x, &again, nil, nil)
        #expect(again == y)
        return y
      }
      var (all, none) = ([Float](repeating: 9, count: 20), [Float](repeating: 9, count: 20))
      ck_f32_dropout(5, 6, 20, 0, x, &all, nil, nil)
      ck_f32_dropout(5, 6, 20, 1, x, &none, nil, nil)
      #expect(all == [Float](repeating: 2, count: 20))
      #expect(none == [Float](repeating: 0, count: 20))
    }
  }
}

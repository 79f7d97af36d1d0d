import CKernels
import Testing

/// The bulk reader of JSON numbers against the standard library's conversion.
extension VectorKernels {
  @Suite struct JSONNumberTests {
    private func read(_ text: String, from start: Int, capacity: Int = 64) -> (
      values: [Float], next: Int
    ) {
      let bytes = Array(text.utf8)
      var values = [Float](repeating: -7, count: capacity)
      var offset = Int64(start)
      let count = ck_json_numbers(bytes, Int64(bytes.count), &offset, Int64(capacity), &values)
      return (Array(values[..<Int(count)]), Int(offset))
    }

    private static let lead = "[[[[[[[[[[[[[[[["
    private static let tail = String(repeating: " ", count: 70)
    private static var hasRuns: Bool {
      ck_isa_current() == CK_ISA_AVX2 || ck_isa_current() == CK_ISA_AVX512
    }

    /// The same digits in every run (SplitMix64).
    private struct Digits: RandomNumberGenerator {
      var state: UInt64

      mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
      }
    }

    @Test(.enabled(if: hasRuns)) func everyLengthOfFractionIsCorrectlyRounded() {
      var generator = Digits(state: 1)
      for _ in 0..<20_000 {
        let digits = Int.random(in: 0...18, using: &generator)
        var number = Bool.random(using: &generator) ? "-" : ""
        number += String(Int.random(in: 0...9, using: &generator))
        if digits > 0 {
          number += "."
          for _ in 0..<digits { number += String(Int.random(in: 0...9, using: &generator)) }
        }
        let result = read(Self.lead + number + ", " + number + "," + Self.tail, from: 16)
        #expect(result.values.count == 2)
        for value in result.values {
          #expect(value.bitPattern == Float(number)?.bitPattern, "\(number)")
        }
      }
    }

    @Test(.enabled(if: hasRuns))
    func itStopsBeforeWhatItDoesNotKnow() {
      for strange in [
        "1e5", "12.5", "01", "1.", ".5", "0.1234567890123456789", "123456789", "NaN", "-", "\"1\"",
        "[1",
        "0.5]", "0.5 ", "\t0.5", "+1", "0.5x", "1..2", "--1",
      ] {
        let text = Self.lead + "0.25,-3," + strange + ",0.5," + Self.tail
        let result = read(text, from: 16)
        #expect(result.values == [0.25, -3], "\(strange)")
        #expect(result.next == 24, "\(strange)")
      }
    }

    @Test func itNeverReadsPastTheTextOrTheCapacity() {
      let text = Self.lead + "0.5,0.25,0.125,"
      #expect(read(text, from: 16).values.isEmpty)
      let long = Self.lead + String(repeating: "0.5,", count: 100)
      #expect(read(long, from: 16, capacity: 3).values.count <= 3)
      for length in 0..<100 {
        let result = read(String((Self.lead + long).prefix(length)), from: min(16, length))
        #expect(result.next <= length)
      }
    }
  }
}

import CKernels
import Glibc
import Testing

/// The bulk readers of JSON numbers against the standard library's conversion.
extension VectorKernels {
  @Suite struct JSONNumberTests {
    /// The levels that read runs and that this CPU has.
    private static let levels = [CK_ISA_AVX2, CK_ISA_AVX512].filter { ck_isa_supported($0) }

    private func read(
      _ text: [UInt8],
      from start: Int,
      capacity: Int = 64,
      level: ck_isa
    ) -> (values: [Float], next: Int) {
      var values = [Float](repeating: -7, count: capacity + 16)
      var offset = Int64(start)
      let count = at(level) {
        ck_json_numbers(text, Int64(text.count), &offset, Int64(capacity), &values)
      }
      #expect(count <= capacity)
      #expect(values[capacity...].allSatisfy { $0 == -7 }, "written behind the capacity")
      return (Array(values[..<Int(count)]), Int(offset))
    }

    private func read(_ text: String, from start: Int, capacity: Int = 64, level: ck_isa) -> (
      values: [Float], next: Int
    ) {
      read(Array(text.utf8), from: start, capacity: capacity, level: level)
    }

    private static let lead = "[[[[[[[[[[[[[[[["
    private static let tail = String(repeating: " ", count: 160)

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

      mutating func digits(_ count: Int) -> String {
        (0..<count).map { _ in String(Int.random(in: 0...9, using: &self)) }.joined()
      }

      /// A number that JSON allows, of one of several shapes.
      mutating func number(wholeMax: Int, fractionMax: Int) -> String {
        var number = Int.random(in: 0..<3, using: &self) == 0 ? "-" : ""
        let whole = Int.random(in: 0...wholeMax, using: &self)
        number += whole == 0 ? "0" : String(Int.random(in: 1...9, using: &self)) + digits(whole - 1)
        let fraction = Int.random(in: 0...fractionMax, using: &self)
        return fraction == 0 ? number : number + "." + digits(fraction)
      }
    }

    /// What the text holds at an offset, read one character at a time: numbers with a comma behind them, as far as they go,
    /// and where each starts.
    private func reference(_ text: [UInt8], from start: Int) -> [(start: Int, value: Float)] {
      var numbers: [(start: Int, value: Float)] = []
      var position = start
      func byte(_ index: Int) -> UInt8 { index < text.count ? text[index] : 0 }
      func isDigit(_ index: Int) -> Bool { (0x30...0x39).contains(byte(index)) }
      while true {
        let first = position
        var next = position
        if byte(next) == 0x2D { next += 1 }
        guard isDigit(next), !(byte(next) == 0x30 && isDigit(next + 1)) else { break }
        while isDigit(next) { next += 1 }
        if byte(next) == 0x2E {
          guard isDigit(next + 1) else { break }
          next += 1
          while isDigit(next) { next += 1 }
        }
        guard byte(next) == 0x2C,
          let value = Float(String(decoding: text[first..<next], as: UTF8.self))
        else { break }
        numbers.append((first, value))
        position = next + 1
        while [0x20, 0x09, 0x0A, 0x0D].contains(byte(position)) { position += 1 }
      }
      return numbers + [(position, .nan)]
    }

    /// Compares a run with the reference: it may end early, but what it reads is right.
    private func compare(
      _ text: [UInt8],
      _ level: ck_isa,
      capacity: Int = 64
    ) -> Int {
      let expected = reference(text, from: 16)
      let result = read(text, from: 16, capacity: capacity, level: level)
      let described = String(decoding: text, as: UTF8.self)
      guard result.values.count < expected.count else {
        Issue.record("\(result.values.count) numbers in \(described)")
        return 0
      }
      for (value, right) in zip(result.values, expected) {
        #expect(value.bitPattern == right.value.bitPattern, "\(value) in \(described)")
      }
      // One space behind the comma is skipped by every level; more of it may be left.
      let next = expected[result.values.count].start
      let between = text[min(result.next, next)..<next]
      #expect(result.next <= next && between.allSatisfy { $0 <= 0x20 }, "\(described)")
      return result.values.count
    }

    @Test(arguments: levels) func everyLengthOfFractionIsCorrectlyRounded(_ level: ck_isa) {
      var generator = Digits(state: 1)
      for _ in 0..<20_000 {
        let digits = Int.random(in: 0...18, using: &generator)
        var number = Bool.random(using: &generator) ? "-" : ""
        number += String(Int.random(in: 0...9, using: &generator))
        if digits > 0 { number += "." + generator.digits(digits) }
        let result = read(
          Self.lead + number + ", " + number + ",0]" + Self.tail,
          from: 16,
          level: level
        )
        #expect(result.values.count == 2)
        for value in result.values {
          #expect(value.bitPattern == Float(number)?.bitPattern, "\(number)")
        }
      }
    }

    @Test(arguments: levels) func itStopsBeforeWhatItDoesNotKnow(_ level: ck_isa) {
      for strange in [
        "1e5", "01", "-01", "1.", ".5", "-.5", "1234567890.12345678901234567890123", "NaN", "-",
        "\"1\"", "[1", "0.5]", "0.5 ", "+1", "0.5x", "1..2", "1.2.3", "--1", "- 1", "",
      ] {
        // Few and many numbers in front of it and behind it.
        for (before, behind) in [(0, 1), (5, 1), (6, 20), (7, 200), (140, 3)] {
          let front = Self.lead + String(repeating: "0.25,-3,", count: before)
          let text =
            front + strange + "," + String(repeating: "0.5,", count: behind) + Self.tail
          let result = read(text, from: 16, capacity: 400, level: level)
          #expect(result.values == (0..<before).flatMap { _ in [0.25, -3] }, "\(strange)")
          #expect(result.next == front.utf8.count, "\(strange)")
        }
      }
    }

    @Test(arguments: levels) func runsOfAnyShapeEqualTheReference(_ level: ck_isa) {
      var generator = Digits(state: 2)
      var count = 0
      var readCount = 0
      for (wholeMax, fractionMax) in [(0, 9), (1, 9), (3, 2), (9, 0), (14, 14), (2, 30), (1, 17)] {
        for separator in [",", ", ", ",\n    ", ",\r\n\t", " ,"] {
          for _ in 0..<20 {
            var text = Self.lead
            for _ in 0..<Int.random(in: 1...300, using: &generator) {
              text += generator.number(wholeMax: wholeMax, fractionMax: fractionMax) + separator
              count += 1
            }
            text += "1]" + Self.tail
            readCount += compare(Array(text.utf8), level, capacity: 300)
          }
        }
      }
      #expect(readCount > count / 8, "hardly anything is read in runs")
    }

    @Test func wideVectorsReadEveryUsualShape() {
      guard ck_isa_supported(CK_ISA_AVX512) else { return }
      var generator = Digits(state: 3)
      for (wholeMax, fractionMax) in [(1, 9), (3, 0), (4, 3), (1, 17), (7, 12)] {
        for separator in [",", ", ", ",\n        "] {
          var text = Self.lead
          for _ in 0..<500 {
            text += generator.number(wholeMax: wholeMax, fractionMax: fractionMax) + separator
          }
          text += "1]" + Self.tail
          #expect(compare(Array(text.utf8), CK_ISA_AVX512, capacity: 1000) == 500)
        }
      }
    }

    @Test(arguments: levels) func mutatedTextIsNeverMisread(_ level: ck_isa) {
      var generator = Digits(state: 4)
      let strange = Array("0123456789.,-+eE[] \n\t\"x\u{0}".utf8)
      for _ in 0..<3000 {
        var text = Array(Self.lead.utf8)
        for _ in 0..<Int.random(in: 1...40, using: &generator) {
          let isLong = Int.random(in: 0..<4, using: &generator) == 0
          text += generator.number(wholeMax: 2, fractionMax: isLong ? 20 : 8).utf8
          text += Bool.random(using: &generator) ? [0x2C] : [0x2C, 0x20]
        }
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
          let index = Int.random(in: 16..<text.count, using: &generator)
          let byte = strange.randomElement(using: &generator) ?? 0
          switch Int.random(in: 0..<3, using: &generator) {
          case 0: text[index] = byte
          case 1: text.insert(byte, at: index)
          default: text.remove(at: index)
          }
        }
        _ = compare(text + Array(Self.tail.utf8), level)
      }
    }

    @Test(arguments: levels) func middlesBetweenFloatsAreLeftOrRight(_ level: ck_isa) {
      // 2^24 + 1 and others that lie halfway: a double's rounding must not decide.
      for number in [
        "16777217", "16777219", "33554434", "8388608.5", "8388609.5", "4194304.25", "0.5",
        "1.00000005960464477539", "1.000000059604644775390625", "1.00000017881393432617",
      ] {
        let text = Self.lead + String(repeating: number + ",", count: 20) + Self.tail
        _ = compare(Array(text.utf8), level)
      }
    }

    @Test(arguments: levels) func wholeNumbersBetweenFloatsDoNotEndARun(_ level: ck_isa) {
      // Dates are above 2^24, where odd numbers lie in the middle.
      let text = Self.lead + String(repeating: "20230105,", count: 50) + "1]" + Self.tail
      #expect(compare(Array(text.utf8), level) > 40)
    }

    @Test(arguments: levels) func itTouchesNothingBehindTheText(_ level: ck_isa) throws {
      // The text ends where memory does.
      let page = 4096
      let memory = mmap(
        nil,
        2 * page,
        PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS,
        -1,
        0
      )
      try #require(memory != MAP_FAILED)
      defer { munmap(memory, 2 * page) }
      let base = try #require(memory)
      try #require(mprotect(base + page, page, PROT_NONE) == 0)
      let whole = Array(
        (Self.lead + String(repeating: "0.5,-12, 0.1234567890123456,", count: 40)).utf8
      )
      for length in 17...whole.count {
        let text = (base + page - length).assumingMemoryBound(to: UInt8.self)
        for index in 0..<length { text[index] = whole[index] }
        var values = [Float](repeating: 0, count: 200)
        var offset: Int64 = 16
        let count = at(level) { ck_json_numbers(text, Int64(length), &offset, 200, &values) }
        #expect(count >= 0 && offset <= length)
      }
    }

    @Test(arguments: levels) func itNeverWritesBehindTheCapacity(_ level: ck_isa) {
      let text = Array((Self.lead + String(repeating: "0.5,", count: 400)).utf8)
      for capacity in 0..<300 {
        let result = read(text, from: 16, capacity: capacity, level: level)
        #expect(result.values.allSatisfy { $0 == 0.5 })
        #expect(result.next == 16 + 4 * result.values.count)
      }
    }
  }
}

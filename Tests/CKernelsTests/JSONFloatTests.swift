import CKernels
import Testing

/// The writer of JSON numbers against the standard library's text of a Float.
extension VectorKernels {
  @Suite struct JSONFloatTests {
    /// The levels that this CPU has.
    private static let levels = [CK_ISA_SCALAR, CK_ISA_SSE, CK_ISA_AVX2, CK_ISA_AVX512].filter {
      ck_isa_supported($0)
    }

    private static let room = Int(CK_JSON_FLOAT_ROOM)

    /// The text of `values`, and whether nothing was written behind the room for them.
    private func write(_ values: [Float], level: ck_isa) -> String {
      var text = [UInt8](repeating: 0x23, count: values.count * Self.room + 16)
      let count = at(level) { ck_json_floats(values, Int64(values.count), &text) }
      #expect(text[(values.count * Self.room)...].allSatisfy { $0 == 0x23 })
      return String(decoding: text[..<Int(count)], as: UTF8.self)
    }

    private func expectDescriptions(_ values: [Float], level: ck_isa) {
      let expected = values.map(\.description).joined(separator: ",")
      let written = write(values, level: level)
      guard written != expected else { return }
      for (value, text) in zip(values, written.split(separator: ",")) {
        #expect(text == value.description, "bits \(value.bitPattern)")
      }
      #expect(written == expected)
    }

    /// The first and last floats of every exponent, those around, and their negatives.
    @Test(arguments: levels)
    func edgesOfEveryExponentAreWrittenAsSwiftDoes(level: ck_isa) {
      var values: [Float] = []
      for exponent in UInt32(0)..<255 {
        for fraction: UInt32 in [0, 1, 2, 3, 0x40_0000, 0x55_5555, 0x7F_FFFE, 0x7F_FFFF] {
          let value = Float(bitPattern: exponent << 23 | fraction)
          values += [value, -value]
        }
      }
      expectDescriptions(values, level: level)
    }

    @Test(arguments: levels)
    func decimalsAndWholeNumbersAreWrittenAsSwiftDoes(level: ck_isa) {
      var values: [Float] = []
      for power in -45...38 {
        for digits in [1, 2, 5, 9, 12, 25, 123, 99_999, 1_234_567] {
          values.append(Float("\(digits)e\(power - 6)") ?? 0)
        }
      }
      values = values.filter(\.isFinite)
      values += (0..<2000).map { Float($0) / 16 }
      values += (-40...40).map { Float(16_777_216 + $0) }
      expectDescriptions(values, level: level)
    }

    /// A hundred thousand bit patterns, spread over all of them.
    @Test(arguments: levels)
    func manyBitPatternsAreWrittenAsSwiftDoes(level: ck_isa) {
      let values = (0..<100_000).map { Float(bitPattern: UInt32($0) &* 2_654_435_769) }
      expectDescriptions(values.filter(\.isFinite), level: level)
    }

    /// Subnormal numbers have fewer digits.
    @Test(arguments: levels)
    func subnormalsAreWrittenAsSwiftDoes(level: ck_isa) {
      let values = (0..<20_000).map { Float(bitPattern: $0 < 10_000 ? $0 : $0 &* 419 % 0x80_0000) }
      expectDescriptions(values, level: level)
    }

    @Test(arguments: levels)
    func whatIsNotFiniteHasAName(level: ck_isa) {
      let values = [Float.nan, -.nan, .signalingNaN, .infinity, -.infinity, 0, -0.0]
      let expected = "NaN,NaN,NaN,Infinity,-Infinity,0.0,-0.0"
      #expect(write(values, level: level) == expected)
    }

    @Test(arguments: 0...20)
    func everyCountIsWritten(count: Int) {
      expectDescriptions((0..<count).map { 1 / Float($0 + 3) }, level: ck_isa_current())
    }

    @Test func sourcesOfAnyAlignmentAreRead() throws {
      let values: [Float] = [0.1, -2.5, 3e-7]
      var bytes: [UInt8] = [0xFF]
      values.withUnsafeBytes { bytes += $0 }
      var text = [UInt8](repeating: 0, count: values.count * Self.room)
      let count = try bytes.withUnsafeBytes { source in
        ck_json_floats(try #require(source.baseAddress) + 1, Int64(values.count), &text)
      }
      #expect(String(decoding: text[..<Int(count)], as: UTF8.self) == "0.1,-2.5,3e-07")
    }
  }
}

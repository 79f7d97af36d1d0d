import HTTP
import Tensors
import Testing

@testable import Service

/// Numbers are read exactly as the standard library reads them: bit for bit.
@Suite struct JSONNumberTests {
  /// Reads a number; with room behind it for the fast path, or at the very end of the text.
  static func float(_ text: String, padded: Bool) throws -> Float {
    let bytes = Array((padded ? text + "," + String(repeating: " ", count: 40) : text).utf8)
    return try bytes.withUnsafeBytes { buffer in
      var cursor = JSONCursor(buffer)
      let value = try cursor.float()
      #expect(cursor.offset == text.utf8.count, "\(text)")
      return value
    }
  }

  static func check(_ text: String) throws {
    guard let expected = Float(text) else {
      Issue.record("\(text) is no number")
      return
    }
    for padded in [false, true] {
      let value = try float(text, padded: padded)
      if value.bitPattern != expected.bitPattern {
        Issue.record("\(text) padded \(padded): \(value), expected \(expected)")
      }
    }
  }

  @Test func randomBitPatternsSurviveTheirDescription() throws {
    var random = Philox(seed: 1)
    for _ in 0..<50_000 {
      let value = Float(bitPattern: random.nextWord())
      if value.isFinite { try Self.check(value.description) }
    }
  }

  @Test func randomDecimalsOfAllLengths() throws {
    var random = Philox(seed: 2)
    for _ in 0..<100_000 {
      var text = random.below(3) == 0 ? "-" : ""
      text += random.below(2) == 0 ? "0" : String(1 + random.below([9, 255, 99_999_999][random.below(3)]))
      if random.below(4) > 0 {
        text += "."
        for _ in 0...random.below(20) { text += String(random.below(10)) }
      }
      if random.below(6) == 0 { text += ["e", "E", "e+", "e-"][random.below(4)] + String(random.below(50)) }
      try Self.check(text)
    }
  }

  /// Decimals just at and beside the middle between two floats, where rounding twice goes wrong.
  @Test func halfwayDecimals() throws {
    var random = Philox(seed: 3)
    for _ in 0..<20_000 {
      let low = Float(bitPattern: random.nextWord() & 0x7FFF_FFFF)
      guard low.isFinite, low.nextUp.isFinite else { continue }
      let middle = Double(low) + (Double(low.nextUp) - Double(low)) / 2
      for text in [middle.description, middle.nextUp.description, middle.nextDown.description] {
        try Self.check(text)
      }
    }
  }

  @Test(arguments: [
    "0", "-0", "0.0", "-0.0", "1", "255", "0.1", "1e5", "1E-5", "1e+5", "16777217", "16777216.0",
    "9007199254740993", "18446744073709551616", "3.4028235e38", "3.4028236e38", "1e39", "1e400", "-1e400", "1e-46",
    "7.006492321624085e-46", "1.401298464324817e-45", "1.17549435e-38", "1e99999999999999999999", "1e-99999999999999999999",
    "0e99999999999999999999", "0.00000000000000000000000000000000000000000000001",
    "8388608.5", "8388609.5", "0.50000002980232238769531250000000000000000001",
    "0.5000000298023223876953125", "123456789012345678901234567890", "1.00000005960464477539062499999999999",
    "2.5", "0.30000001192092896",
  ])
  func edges(text: String) throws { try Self.check(text) }

  @Test func veryLongNumbers() throws {
    try Self.check(String(repeating: "9", count: 5000) + "e-4990")
    try Self.check("0." + String(repeating: "0", count: 5000) + "1e5000")
    try Self.check("1." + String(repeating: "0", count: 3000) + "1")
    try Self.check("1.00000005960464477539062500" + String(repeating: "0", count: 3000) + "1")
  }

  @Test func specialTokens() throws {
    for padded in [false, true] {
      #expect(try Self.float("NaN", padded: padded).isNaN)
      #expect(try Self.float("Infinity", padded: padded) == .infinity)
      #expect(try Self.float("-Infinity", padded: padded) == -.infinity)
    }
  }

  @Test(arguments: [
    "", "-", "+1", ".5", "01", "-01", "00", "1.", "1.e5", "1e", "1e+", "e5", "--1", "nan", "inf", "-NaN", "0x10", "\"1\"",
    "00.5",
  ])
  func refusesWhatIsNoNumber(text: String) {
    for padded in [false, true] {
      #expect(throws: JSONError.self) {
        let bytes = Array((padded ? text + "," + String(repeating: " ", count: 40) : text).utf8)
        try bytes.withUnsafeBytes { buffer in
          var cursor = JSONCursor(buffer)
          _ = try cursor.float()
          // A prefix may be a number: then what follows must not pass for the end of the value.
          guard cursor.take(0x2C) || cursor.isAtEnd else { throw cursor.error("rest") }
        }
      }
    }
  }

  @Test func doubles() throws {
    var random = Philox(seed: 4)
    for _ in 0..<30_000 {
      let bits = UInt64(random.nextWord()) << 32 | UInt64(random.nextWord())
      let value = Double(bitPattern: bits)
      guard value.isFinite else { continue }
      let bytes = Array(value.description.utf8)
      let read = try bytes.withUnsafeBytes { buffer in
        var cursor = JSONCursor(buffer)
        return try cursor.double()
      }
      #expect(read.bitPattern == value.bitPattern)
    }
  }

  @Test func writtenNumbersAreShortestAndReadBack() throws {
    var random = Philox(seed: 5)
    for _ in 0..<20_000 {
      let value = Float(bitPattern: random.nextWord())
      guard value.isFinite else { continue }
      var buffer = ByteBuffer()
      buffer.append(jsonNumber: value)
      let text = String(decoding: buffer.readable, as: UTF8.self)
      #expect(text == value.description)
      #expect(try Self.float(text, padded: true).bitPattern == value.bitPattern)
    }
  }
}

internal import CKernels
internal import Glibc

extension JSONCursor {
  /// Reads a run of numbers that commas follow, correctly rounded, as far as the kernel knows their forms.
  ///
  /// - Returns: How many; the position is behind the comma of the last and the space after it.
  @inline(__always)
  mutating func floats(into values: UnsafeMutableRawPointer, capacity: Int) -> Int {
    var next = Int64(offset)
    let count = ck_json_numbers(
      start,
      Int64(end - start),
      &next,
      Int64(capacity),
      values.assumingMemoryBound(to: Float.self)
    )
    position = start + Int(next)
    skipSpace()
    return Int(count)
  }

  /// Reads a number as `Float`, correctly rounded.
  ///
  /// The usual forms, `d.ddd` with up to 15 digits and whole numbers of up to 7, are read eight digits at
  /// a time: 64-bit arithmetic finds where the digits end and multiplies them together.
  @inline(__always)
  mutating func float() throws(JSONError) -> Float {
    if remaining >= 32 {
      let isNegative = position.pointee == 0x2D
      let digits = position + (isNegative ? 1 : 0)
      let lead = digits.pointee &- 0x30
      if lead <= 9, digits[1] == 0x2E, let (value, next) = Self.fraction(UInt64(lead), digits + 2) {
        position = next
        return Float(bitPattern: value.bitPattern | (isNegative ? 0x8000_0000 : 0))
      }
      if lead <= 9, let (value, next) = Self.whole(digits) {
        position = next
        return Float(bitPattern: value.bitPattern | (isNegative ? 0x8000_0000 : 0))
      }
    }
    return try floatSlowly()
  }

  /// `lead.ddd`, where the fraction starts at `text` and has 1 to 14 digits and no exponent follows.
  @inline(__always)
  private static func fraction(
    _ lead: UInt64,
    _ text: UnsafePointer<UInt8>
  ) -> (Float, UnsafePointer<UInt8>)? {
    let first = digitWord(text)
    let firstCount = digitCount(first)
    var number = lead
    var count = firstCount
    if firstCount == 8 {
      let second = digitWord(text + 8)
      let secondCount = digitCount(second)
      guard secondCount < 7 else { return nil }
      count = 8 &+ secondCount
      number = lead &* 100_000_000 &+ value(of: first)
      number = number &* wholePowerOfTen(secondCount)
      if secondCount > 0 { number = number &+ value(of: second << UInt64(64 &- 8 &* secondCount)) }
    } else {
      guard firstCount > 0 else { return nil }
      number =
        lead &* wholePowerOfTen(firstCount)
        &+ value(of: first << UInt64(64 &- 8 &* firstCount))
    }
    let next = text + count
    guard next.pointee | 0x20 != 0x65 else { return nil }
    // Both sides are exact in Double, so the quotient is correctly rounded to 53 bits. Rounding it again
    // to 24 bits is right unless it lies exactly between two floats: then the digits must decide.
    let quotient = Double(number) / powerOfTen(count)
    guard quotient.bitPattern & 0x1FFF_FFFF != 0x1000_0000 else { return nil }
    return (Float(quotient), next)
  }

  /// A whole number of 1 to 7 digits that neither a point nor an exponent follows.
  @inline(__always)
  private static func whole(_ text: UnsafePointer<UInt8>) -> (Float, UnsafePointer<UInt8>)? {
    let word = digitWord(text)
    let count = digitCount(word)
    let next = text + count
    guard count > 0, count < 8, next.pointee != 0x2E, next.pointee | 0x20 != 0x65,
      count == 1 || text.pointee != 0x30
    else { return nil }
    return (Float(value(of: word << UInt64(64 &- 8 &* count))), next)
  }

  /// Eight characters, digits becoming 0 to 9.
  @inline(__always)
  private static func digitWord(_ text: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(text).loadUnaligned(as: UInt64.self))
      ^ 0x3030_3030_3030_3030
  }

  /// How many of the eight characters, from the first, are digits.
  @inline(__always)
  private static func digitCount(_ word: UInt64) -> Int {
    // The top bit of each byte above 9; carries only disturb bytes behind the first such one.
    let others = ((word &+ 0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080
    return others.trailingZeroBitCount >> 3
  }

  /// The number that eight digits spell, the first in the lowest byte.
  @inline(__always)
  private static func value(of word: UInt64) -> UInt64 {
    let pairs = (word &* 2561) >> 8 & 0x00FF_00FF_00FF_00FF
    let quads = (pairs &* 6_553_601) >> 16 & 0x0000_FFFF_0000_FFFF
    return (quads &* 42_949_672_960_001) >> 32
  }

  /// Reads any number as `Float`.
  @inline(never)
  private mutating func floatSlowly() throws(JSONError) -> Float {
    let number = try number()
    if let special = number.special { return Float(special) }
    if number.digits == 0 { return number.isNegative ? -0.0 : 0 }
    if number.isExact, (-22...22).contains(number.exponent), number.digits < 1 << 53 {
      let scale = Self.powerOfTen(Int(number.exponent.magnitude))
      let value =
        number.exponent < 0
        ? Double(number.digits) / scale : Double(number.digits) * scale
      // Normal floats only: the discarded bits of a subnormal one are others.
      if value >= 0x1p-126, value < 0x1p127,
        value.bitPattern & 0x1FFF_FFFF != 0x1000_0000
      {
        return number.isNegative ? -Float(value) : Float(value)
      }
    }
    return withDecimalText(of: number) { strtof($0, nil) }
  }

  /// Reads any number as `Double`, correctly rounded.
  mutating func double() throws(JSONError) -> Double {
    let number = try number()
    if let special = number.special { return special }
    if number.digits == 0 { return number.isNegative ? -0.0 : 0 }
    if number.isExact, (-22...22).contains(number.exponent), number.digits < 1 << 53 {
      let scale = Self.powerOfTen(Int(number.exponent.magnitude))
      let value =
        number.exponent < 0
        ? Double(number.digits) / scale : Double(number.digits) * scale
      return number.isNegative ? -value : value
    }
    return withDecimalText(of: number) { strtod($0, nil) }
  }

  /// A number as its digits and exponent.
  struct Number {
    var isNegative = false
    /// The first significant digits, as many as fit.
    var digits: UInt64 = 0
    /// The power of ten by which the decimal point and dropped digits scale `digits`.
    var pointExponent = 0
    /// The power of ten behind `e`.
    var writtenExponent = 0
    /// Whether `digits` holds them all.
    var isExact = true
    /// Whether it was written without point and exponent.
    var isWhole = true
    /// Where the mantissa lies in the text.
    var mantissaStart = 0
    var mantissaEnd = 0
    /// The value of `NaN`, `Infinity` and `-Infinity`.
    var special: Double?

    /// The power of ten that scales `digits`.
    var exponent: Int { pointExponent + writtenExponent }
  }

  /// Reads a number of RFC 8259 §6, or a bare `NaN`, `Infinity` or `-Infinity`.
  mutating func number() throws(JSONError) -> Number {
    var number = Number()
    number.mantissaStart = offset
    if peek() == 0x2D {
      number.isNegative = true
      position += 1
      number.mantissaStart = offset
    }
    if take(word: "Infinity") {
      number.special = number.isNegative ? -.infinity : .infinity
      return number
    }
    if !number.isNegative, take(word: "NaN") {
      number.special = .nan
      return number
    }
    let first = peek()
    guard first &- 0x30 < 10 else {
      throw error("expected a number, found \(number.isNegative ? "'-' and then " : "")\(found)")
    }
    let whole = offset
    digits(into: &number, afterPoint: false)
    guard first != 0x30 || offset == whole + 1 else {
      throw JSONError(offset: whole, reason: "a number must not start with 0 and more digits")
    }
    if peek() == 0x2E {
      position += 1
      number.isWhole = false
      guard peek() &- 0x30 < 10 else {
        throw error("expected a digit after the decimal point, found \(found)")
      }
      digits(into: &number, afterPoint: true)
    }
    number.mantissaEnd = offset
    if peek() | 0x20 == 0x65 { try exponent(into: &number) }
    return number
  }

  private static let digitsMax = UInt64.max

  private mutating func digits(into number: inout Number, afterPoint: Bool) {
    while position < end {
      let digit = position.pointee &- 0x30
      guard digit < 10 else { return }
      if number.digits < Self.digitsMax / 10
        || number.digits == Self.digitsMax / 10 && digit <= Self.digitsMax % 10
      {
        number.digits = number.digits * 10 + UInt64(digit)
        if afterPoint { number.pointExponent -= 1 }
      } else {
        if digit != 0 { number.isExact = false }
        if !afterPoint { number.pointExponent += 1 }
      }
      position += 1
    }
  }

  private mutating func exponent(into number: inout Number) throws(JSONError) {
    position += 1
    number.isWhole = false
    let isNegative = peek() == 0x2D
    if isNegative || peek() == 0x2B { position += 1 }
    guard peek() &- 0x30 < 10 else {
      throw error("expected a digit in the exponent, found \(found)")
    }
    var value = 0
    while position < end {
      let digit = position.pointee &- 0x30
      guard digit < 10 else { break }
      // Larger ones all mean zero or infinity, whatever the text of bounded length before them.
      if value < 1 << 40 { value = value * 10 + Int(digit) }
      position += 1
    }
    number.writtenExponent = isNegative ? -value : value
  }

  /// Significant digits that can decide how a Double is rounded; of those behind, only whether any is
  /// not zero matters.
  private static let decisiveDigits = 780

  /// Writes the number as `[-]digits e exponent` into a bounded buffer for the C library, whose conversion
  /// is exact but wants a terminated string.
  private func withDecimalText<Result>(
    of number: Number,
    _ body: (UnsafePointer<CChar>) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.decisiveDigits + 32) { buffer in
      var count = 0
      func append(_ byte: UInt8) {
        buffer[count] = CChar(bitPattern: byte)
        count += 1
      }
      if number.isNegative { append(0x2D) }
      var significant = 0
      var exponent = 0
      var isBehindPoint = false
      var hasRest = false
      for byte in bytes(from: number.mantissaStart, to: number.mantissaEnd) {
        if byte == 0x2E {
          isBehindPoint = true
          continue
        }
        if significant == 0 && byte == 0x30 {
          if isBehindPoint { exponent -= 1 }
        } else if significant < Self.decisiveDigits {
          append(byte)
          significant += 1
          if isBehindPoint { exponent -= 1 }
        } else {
          if byte != 0x30 { hasRest = true }
          if !isBehindPoint { exponent += 1 }
        }
      }
      if hasRest {
        append(0x31)
        exponent -= 1
      }
      append(0x65)
      let scale = max(-99_999, min(99_999, exponent + number.writtenExponent))
      if scale < 0 { append(0x2D) }
      for digit in String(scale.magnitude).utf8 { append(digit) }
      append(0)
      guard let start = buffer.baseAddress else { return body("") }
      return body(UnsafePointer(start))
    }
  }

  @inline(__always)
  private static func powerOfTen(_ exponent: Int) -> Double { powersOfTen[exponent] }

  @inline(__always)
  private static func wholePowerOfTen(_ exponent: Int) -> UInt64 { wholePowersOfTen[exponent] }

  /// 10^0 to 10^22, all exact.
  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  private static let wholePowersOfTen: [UInt64] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000,
  ]
}

import Tensors

/// A tensor element that can be read from a JSON token.
protocol JSONScalar: TensorElement {
  static func read(_ cursor: inout JSONCursor) throws(JSONError) -> Self
}

extension Float: JSONScalar {
  @inline(__always)
  static func read(_ cursor: inout JSONCursor) throws(JSONError) -> Float { try cursor.float() }
}

extension Double: JSONScalar {
  static func read(_ cursor: inout JSONCursor) throws(JSONError) -> Double { try cursor.double() }
}

// By way of Float: both rounds together are right wherever the text has at most 9 significant digits.
extension Float16: JSONScalar {
  static func read(_ cursor: inout JSONCursor) throws(JSONError) -> Float16 {
    Float16(try cursor.float())
  }
}

extension BFloat16: JSONScalar {
  static func read(_ cursor: inout JSONCursor) throws(JSONError) -> BFloat16 {
    BFloat16(try cursor.float())
  }
}

extension Bool: JSONScalar {
  static func read(_ cursor: inout JSONCursor) throws(JSONError) -> Bool {
    if cursor.take(word: "true") { return true }
    if cursor.take(word: "false") { return false }
    throw cursor.error("expected true or false, found \(cursor.found)")
  }
}

extension JSONCursor {
  /// Reads a whole number within the range of `Value`; `3.0` and `1e3` are whole too.
  fileprivate mutating func integer<Value: FixedWidthInteger>() throws(JSONError) -> Value {
    let start = offset
    let number = try number()
    guard number.special == nil, number.isExact else {
      throw JSONError(offset: start, reason: "the number does not fit \(Value.self)")
    }
    var digits = number.digits
    var exponent = number.exponent
    while exponent < 0, digits % 10 == 0, digits > 0 {
      digits /= 10
      exponent += 1
    }
    if digits == 0 { return 0 }
    guard exponent >= 0 else {
      throw JSONError(offset: start, reason: "expected a whole number for \(Value.self)")
    }
    while exponent > 0 {
      let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
      guard !overflow else {
        throw JSONError(offset: start, reason: "the number does not fit \(Value.self)")
      }
      digits = product
      exponent -= 1
    }
    // -Int.min has no positive twin, so the sign is applied to the magnitude.
    if let value = number.isNegative
      ? Value(exactly: Int128(digits) * -1) : Value(exactly: digits)
    {
      return value
    }
    throw JSONError(offset: start, reason: "the number does not fit \(Value.self)")
  }
}

extension Int8: JSONScalar {
  static func read(_ cursor: inout JSONCursor) throws(JSONError) -> Int8 { try cursor.integer() }
}

extension Int16: JSONScalar {
  static func read(_ cursor: inout JSONCursor) throws(JSONError) -> Int16 { try cursor.integer() }
}

extension Int32: JSONScalar {
  static func read(_ cursor: inout JSONCursor) throws(JSONError) -> Int32 { try cursor.integer() }
}

extension Int64: JSONScalar {
  static func read(_ cursor: inout JSONCursor) throws(JSONError) -> Int64 { try cursor.integer() }
}

extension UInt8: JSONScalar {
  static func read(_ cursor: inout JSONCursor) throws(JSONError) -> UInt8 { try cursor.integer() }
}

extension UInt16: JSONScalar {
  static func read(_ cursor: inout JSONCursor) throws(JSONError) -> UInt16 { try cursor.integer() }
}

extension UInt32: JSONScalar {
  static func read(_ cursor: inout JSONCursor) throws(JSONError) -> UInt32 { try cursor.integer() }
}

extension UInt64: JSONScalar {
  static func read(_ cursor: inout JSONCursor) throws(JSONError) -> UInt64 { try cursor.integer() }
}

import Storage

/// What an npy header says: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
struct NPYHeader {
  let dtype: DType
  let isFortranOrder: Bool
  let shape: [Int]
  /// Bytes before the elements.
  let byteCount: Int

  /// Parses the dictionary: exactly the three keys, in any order.
  init(text: ArraySlice<UInt8>, byteCount: Int) throws(FormatError) {
    var parser = LiteralParser(text: Array(text), base: byteCount - text.count)
    var descriptor: String?
    var order: Bool?
    var sizes: [Int]?
    try parser.expect("{")
    while !parser.take("}") {
      let key = try parser.string()
      try parser.expect(":")
      switch key {
      case "descr" where descriptor == nil: descriptor = try parser.string()
      case "fortran_order" where order == nil: order = try parser.boolean()
      case "shape" where sizes == nil: sizes = try parser.tuple()
      default: throw parser.error("unexpected or repeated key '\(key)'")
      }
      if !parser.take(",") {
        try parser.expect("}")
        break
      }
    }
    try parser.expectEnd()
    guard let descriptor, let order, let sizes else {
      throw parser.error("the header needs descr, fortran_order and shape")
    }
    guard let dtype = Self.dtype(descriptor) else {
      throw FormatError(
        "npy",
        at: byteCount - text.count,
        "element type '\(descriptor)' is not read; little-endian numbers and bool are"
      )
    }
    self.dtype = dtype
    self.byteCount = byteCount
    isFortranOrder = order
    shape = sizes
  }

  private static func dtype(_ descriptor: String) -> DType? {
    // One-byte types have no byte order; NumPy writes `|`, other programs any mark.
    DType.allCases.first { type in
      guard let known = type.npyDescriptor else { return false }
      if known == descriptor { return true }
      return type.byteCount == 1 && known.dropFirst() == descriptor.dropFirst()
        && ["<", ">", "="].contains(descriptor.prefix(1))
    }
  }
}

/// The few Python literals that occur in the header.
private struct LiteralParser {
  let text: [UInt8]
  /// Offset of the text in the file.
  let base: Int
  var position = 0

  init(text: [UInt8], base: Int) {
    self.text = text
    self.base = base
  }

  func error(_ detail: String) -> FormatError { FormatError("npy", at: base + position, detail) }

  private mutating func skipSpace() {
    while position < text.count, [0x20, 0x0A, 0x0D, 0x09].contains(text[position]) { position += 1 }
  }

  mutating func take(_ token: String) -> Bool {
    skipSpace()
    guard text[position...].starts(with: token.utf8) else { return false }
    position += token.utf8.count
    return true
  }

  mutating func expect(_ token: String) throws(FormatError) {
    guard take(token) else { throw error("expected '\(token)' in the header") }
  }

  mutating func expectEnd() throws(FormatError) {
    skipSpace()
    guard position == text.count else { throw error("text after the header's dictionary") }
  }

  mutating func string() throws(FormatError) -> String {
    let quote: String
    if take("'") {
      quote = "'"
    } else if take("\"") {
      quote = "\""
    } else {
      throw error("expected a string; structured element types are not read")
    }
    let start = position
    while position < text.count, !text[position...].starts(with: quote.utf8) { position += 1 }
    let result = String(decoding: text[start..<position], as: UTF8.self)
    try expect(quote)
    return result
  }

  mutating func boolean() throws(FormatError) -> Bool {
    if take("True") { return true }
    if take("False") { return false }
    throw error("expected True or False")
  }

  mutating func tuple() throws(FormatError) -> [Int] {
    try expect("(")
    var sizes: [Int] = []
    while !take(")") {
      sizes.append(try number())
      if !take(",") {
        try expect(")")
        break
      }
    }
    return sizes
  }

  private mutating func number() throws(FormatError) -> Int {
    skipSpace()
    let start = position
    while position < text.count, (0x30...0x39).contains(text[position]) { position += 1 }
    guard let value = Int(String(decoding: text[start..<position], as: UTF8.self)) else {
      throw error("expected a size that fits 63 bits")
    }
    // Python 2 wrote `3L`.
    _ = take("L")
    return value
  }
}

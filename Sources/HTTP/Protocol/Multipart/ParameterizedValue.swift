/// A field value with parameters, such as `form-data; name="file"` (RFC 9110 §5.6.6).
struct ParameterizedValue {
  /// What stands before the first semicolon.
  let value: BorrowedBytes
  private var parameters: [(name: BorrowedBytes, value: [UInt8])] = []

  /// Most parameters of one value.
  static let parametersMax = 16

  /// Reads `value *( OWS ";" OWS name "=" ( token / quoted-string ) )`, each name once.
  init(_ bytes: BorrowedBytes) throws(RequestError) {
    let valueEnd = bytes.buffer.firstIndex(of: Self.semicolon) ?? bytes.count
    value = bytes[0, valueEnd].trimmed
    var rest = bytes[valueEnd, bytes.count].trimmed
    while !rest.isEmpty {
      guard rest.buffer[0] == Self.semicolon else {
        throw .malformed("Header parameters must be separated by semicolons.")
      }
      rest = rest[1, rest.count].trimmed
      // RFC 9110 allows an empty parameter.
      if rest.isEmpty || rest.buffer[0] == Self.semicolon { continue }
      try readParameter(&rest)
    }
  }

  /// The value of the parameter with this lower-case name, unquoted.
  subscript(_ lowercaseName: StaticString) -> [UInt8]? {
    parameters.first { $0.name.equalsIgnoringCase(lowercaseName) }?.value
  }

  private static var semicolon: UInt8 { 0x3B }
  private static var quote: UInt8 { 0x22 }
  private static var backslash: UInt8 { 0x5C }

  private mutating func readParameter(_ rest: inout BorrowedBytes) throws(RequestError) {
    var index = 0
    while index < rest.count, ASCII.isToken(rest.buffer[index]) { index += 1 }
    let name = rest[0, index]
    guard index > 0, index < rest.count, rest.buffer[index] == 0x3D else {  // =
      throw .malformed("A header parameter must be: name, equals sign, value.")
    }
    guard parameters.count < Self.parametersMax else {
      throw .malformed("A header value has more than \(Self.parametersMax) parameters.")
    }
    guard !parameters.contains(where: { Self.isSame($0.name, name) }) else {
      throw .malformed("A header parameter is there twice.")
    }
    rest = rest[index + 1, rest.count]
    let isQuoted = !rest.isEmpty && rest.buffer[0] == Self.quote
    let value = try isQuoted ? Self.readQuoted(&rest) : Self.readToken(&rest)
    parameters.append((name, value))
    rest = rest.trimmed
  }

  private static func isSame(_ one: BorrowedBytes, _ other: BorrowedBytes) -> Bool {
    one.buffer.lazy.map(ASCII.lowercased).elementsEqual(other.buffer.lazy.map(ASCII.lowercased))
  }

  private static func readToken(_ rest: inout BorrowedBytes) throws(RequestError) -> [UInt8] {
    var index = 0
    while index < rest.count, ASCII.isToken(rest.buffer[index]) { index += 1 }
    guard index > 0 else { throw .malformed("A header parameter has no value.") }
    defer { rest = rest[index, rest.count] }
    return rest[0, index].array
  }

  /// Only `\"` and `\\` are unescaped: browsers send the backslashes of file names as they are.
  private static func readQuoted(_ rest: inout BorrowedBytes) throws(RequestError) -> [UInt8] {
    var value: [UInt8] = []
    var index = 1
    while index < rest.count {
      var byte = rest.buffer[index]
      index += 1
      if byte == quote {
        rest = rest[index, rest.count]
        return value
      }
      if byte == backslash, index < rest.count {
        let next = rest.buffer[index]
        if next == quote || next == backslash {
          byte = next
          index += 1
        }
      }
      value.append(byte)
    }
    throw .malformed("A quoted header parameter does not end.")
  }
}

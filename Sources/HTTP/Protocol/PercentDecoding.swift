/// Percent-decoding (RFC 3986 §2.1), once and strictly.
enum PercentDecoding {
  /// Appends the decoded bytes of one path segment.
  ///
  /// Refused: `%` without two hexadecimal digits, encoded slashes, backslashes and controls, and
  /// bytes that are not UTF-8.
  static func appendSegment(
    _ segment: BorrowedBytes,
    to output: inout [UInt8]
  ) throws(RequestError) {
    let start = output.count
    var index = 0
    while index < segment.count {
      var byte = segment.buffer[index]
      index += 1
      if byte == ASCII.percent {
        guard index + 1 < segment.count, let high = ASCII.hexValue(segment.buffer[index]),
          let low = ASCII.hexValue(segment.buffer[index + 1])
        else {
          throw .malformed("A % in the path must be followed by two hexadecimal digits.")
        }
        byte = high << 4 | low
        index += 2
        guard byte >= 0x20, byte != 0x7F, byte != ASCII.slash, byte != 0x5C else {
          throw .malformed("The path must not encode controls, slashes or backslashes.")
        }
      }
      output.append(byte)
    }
    guard String(validating: output[start...], as: UTF8.self) != nil else {
      throw .malformed("The decoded path is not UTF-8.")
    }
  }

  /// The decoded text of a query component, `+` being a space; nil when malformed.
  static func queryComponent(_ component: BorrowedBytes) -> String? {
    var output: [UInt8] = []
    output.reserveCapacity(component.count)
    var index = 0
    while index < component.count {
      let byte = component.buffer[index]
      index += 1
      switch byte {
      case 0x2B: output.append(ASCII.space)
      case ASCII.percent:
        guard index + 1 < component.count, let high = ASCII.hexValue(component.buffer[index]),
          let low = ASCII.hexValue(component.buffer[index + 1])
        else { return nil }
        output.append(high << 4 | low)
        index += 2
      default: output.append(byte)
      }
    }
    return String(validating: output, as: UTF8.self)
  }
}

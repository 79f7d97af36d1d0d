/// Names one predicted row, so that its true answer can be told later: `pred-` and 22 letters and digits.
///
/// 128 bits of the system's random numbers: nobody can guess one, so that knowing it is the right to tell.
struct PredictionID: Hashable, Sendable, CustomStringConvertible {
  private let number: UInt128

  private static let prefix = "pred-"
  private static let alphabet = Array(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8
  )
  /// Digits of base 62 that 128 bits need.
  private static let digitCount = 22

  /// Bytes of the text.
  static let byteCount = prefix.utf8.count + digitCount

  /// A new one.
  init() {
    var generator = SystemRandomNumberGenerator()
    number = UInt128(generator.next()) << 64 | UInt128(generator.next())
  }

  /// The one with this text; nil where no row can have it.
  init?(_ text: String) {
    guard text.utf8.count == Self.byteCount, text.utf8.starts(with: Self.prefix.utf8) else {
      return nil
    }
    var number: UInt128 = 0
    for byte in text.utf8.dropFirst(Self.prefix.utf8.count) {
      guard let digit = Self.digit(byte) else { return nil }
      let (product, overflows) = number.multipliedReportingOverflow(by: 62)
      let (sum, carries) = product.addingReportingOverflow(digit)
      guard !overflows, !carries else { return nil }
      number = sum
    }
    self.number = number
  }

  private static func digit(_ byte: UInt8) -> UInt128? {
    switch byte {
    case 0x30...0x39: UInt128(byte - 0x30)
    case 0x41...0x5A: UInt128(byte - 0x41 + 10)
    case 0x61...0x7A: UInt128(byte - 0x61 + 36)
    default: nil
    }
  }

  var description: String {
    var digits: [UInt8] = []
    var rest = number
    for _ in 0..<Self.digitCount {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 62)
      digits.append(Self.alphabet[Int(digit)])
      rest = quotient
    }
    return Self.prefix + String(decoding: digits.reversed(), as: UTF8.self)
  }
}

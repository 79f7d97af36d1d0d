import Testing

@testable import HTTP

@Suite struct ASCIITests {
  private static let alphanumeric =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

  @Test func classesAreThoseOfTheRFCs() {
    let token = Set((Self.alphanumeric + "!#$%&'*+-.^_`|~").utf8)
    let path = Set((Self.alphanumeric + "!$&'()*+,-./:;=@_~").utf8)
    for byte in UInt8.min...UInt8.max {
      #expect(ASCII.isToken(byte) == token.contains(byte), "\(byte)")
      #expect(ASCII.isPath(byte) == path.contains(byte), "\(byte)")
      #expect(ASCII.isDigit(byte) == Set("0123456789".utf8).contains(byte))
      #expect(ASCII.isFieldValue(byte) == (byte == 9 || byte >= 32 && byte != 127))
      #expect(ASCII.isQuery(byte) == (byte > 32 && byte < 127 && byte != 0x23))
    }
  }

  @Test func foldingTouchesLettersOnly() {
    for byte in UInt8.min...UInt8.max {
      let isUpper = (0x41...0x5A).contains(byte)
      #expect(ASCII.lowercased(byte) == (isUpper ? byte + 32 : byte))
    }
  }

  @Test func hexadecimalDigitsAreThoseOfTheStandardLibrary() {
    for byte in UInt8.min..<0x80 {
      #expect(ASCII.hexValue(byte) == UInt8(String(UnicodeScalar(byte)), radix: 16))
    }
    #expect(ASCII.hexValue(0xC1) == nil)
  }
}

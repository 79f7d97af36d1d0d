/// Names of models and aliases: `[A-Za-z0-9._-]{1,128}` without a leading dot, compared as bytes.
package enum ModelName {
  /// Bytes that a name may have.
  package static let byteCountMax = 128

  /// Whether the text may name a model.
  package static func isValid(_ name: String) -> Bool {
    let bytes = name.utf8
    guard let first = bytes.first, first != 0x2E, bytes.count <= byteCountMax else { return false }
    return bytes.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x5F, 0x2D: true
      default: false
      }
    }
  }

  /// The version that a folder's name spells: digits without a leading zero, from 1.
  static func version(_ name: String) -> Int? {
    let bytes = name.utf8
    guard let first = bytes.first, first != 0x30, bytes.count <= 18,
      bytes.allSatisfy({ $0 &- 0x30 < 10 })
    else { return nil }
    return Int(name)
  }
}

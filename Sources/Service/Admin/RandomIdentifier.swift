/// Names of things that clients create, which nobody can guess.
enum RandomIdentifier {
  /// Random characters of an identifier; 5 bits each.
  static let length = 24

  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

  /// `prefix` and random letters and digits.
  static func make(_ prefix: String) -> String {
    var generator = SystemRandomNumberGenerator()
    let characters = (0..<length).map { _ in
      alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
    }
    return prefix + String(decoding: characters, as: UTF8.self)
  }

  /// Whether `make` could have made this.
  static func isValid(_ text: String, _ prefix: String) -> Bool {
    text.utf8.count == prefix.utf8.count + length && text.utf8.starts(with: prefix.utf8)
      && text.utf8.dropFirst(prefix.utf8.count).allSatisfy(alphabet.contains)
  }
}

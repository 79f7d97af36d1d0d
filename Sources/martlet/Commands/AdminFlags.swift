import CommandLineTool
import Glibc
import Service
import Storage

/// How `martlet serve` guards its admin routes.
enum AdminFlags {
  static let all: [CommandSpecification.Flag] = [
    .init(
      "admin-token",
      value: "TOKEN",
      "bearer token of the admin routes; better kept in a file or in \(environmentVariable)"
    ),
    .init("admin-token-file", value: "FILE", "file whose first line is that token"),
    .init(
      "expose-admin",
      "allow the admin routes where --host is not a loopback address"
    ),
  ]

  /// Holds the token where no flag does.
  static let environmentVariable = "MARTLET_ADMIN_TOKEN"

  /// The admin token, and whether it was made up now.
  struct Token {
    let text: String
    let isGenerated: Bool
  }

  /// The token of flag, file or environment, in this order, else a new one.
  ///
  /// - Throws: `UsageError` for one that is too short or has other than visible ASCII characters.
  static func token(_ arguments: Arguments) throws -> Token {
    let given = try token(arguments, flag: "admin-token", fileFlag: "admin-token-file")
    return given.map { Token(text: $0, isGenerated: false) }
      ?? Token(text: generated(), isGenerated: true)
  }

  /// The token of these flags or the environment, in this order; nil where there is none.
  ///
  /// - Throws: As `token(_:)`.
  static func token(_ arguments: Arguments, flag: String, fileFlag: String) throws -> String? {
    var given = arguments.string(flag)
    if given == nil, let path = arguments.string(fileFlag) {
      let bytes = try FileAccess.read(path, byteCountMax: fileByteCountMax)
      let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
      given = String(decoding: line, as: UTF8.self)
    }
    if given == nil, let value = getenv(environmentVariable) { given = String(cString: value) }
    guard let given else { return nil }
    guard given.utf8.count >= AdminAccess.tokenByteCountMin,
      given.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw UsageError(
        "the admin token must have at least \(AdminAccess.tokenByteCountMin) visible ASCII characters"
      )
    }
    return given
  }

  /// Bytes of the largest token file.
  private static let fileByteCountMax = 4096

  /// 160 random bits from the system.
  private static func generated() -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
    var generator = SystemRandomNumberGenerator()
    return String((0..<32).map { _ in alphabet[Int.random(in: 0..<32, using: &generator)] })
  }

  /// Where admin requests may come from, by the address that the server listens on.
  static func exposure(_ arguments: Arguments, host: String) -> AdminAccess.Exposure {
    if arguments.has("expose-admin") { return .everywhere }
    let isLoopback = host == "localhost" || host == "::1" || host.hasPrefix("127.")
    return isLoopback ? .loopback : .off
  }

  /// What the operator is told at the start.
  static func note(_ token: Token, _ exposure: AdminAccess.Exposure) -> String? {
    if exposure == .off { return "admin routes are off; --expose-admin allows them" }
    guard token.isGenerated else { return nil }
    return "admin token, shown only now: \(token.text)"
  }
}

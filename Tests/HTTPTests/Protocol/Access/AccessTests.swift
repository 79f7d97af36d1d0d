import Testing

@testable import HTTP

@Suite struct AccessTests {
  private static func request(_ lines: String...) throws -> ParsedRequest {
    try ParsedRequest(
      "GET / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
    )
  }

  @Test(arguments: [
    ("Bearer secret", true), ("bearer   secret", true), ("BEARER secret", true),
    ("Bearer secre", false), ("Bearer secretsecret", false), ("Bearer Secret", false),
    ("Bearer", false), ("Bearersecret", false), ("Bearer secret x", false),
    ("Bearer \"secret\"", false), ("Basic secret", false), ("secret", false),
  ])
  func onlyTheTokenItselfIsProof(value: String, isProof: Bool) throws {
    let parsed = try Self.request("Authorization: \(value)")
    #expect(BearerToken("secret").isProved(by: parsed.request.headers) == isProof)
  }

  @Test func noTokenOrTwoAreNoProof() throws {
    let token = BearerToken("secret")
    #expect(!token.isProved(by: try Self.request().request.headers))
    let twice = try Self.request("Authorization: Bearer secret", "Authorization: Bearer secret")
    #expect(!token.isProved(by: twice.request.headers))
  }

  @Test func anEmptySecretMatchesNothing() throws {
    let parsed = try Self.request("Authorization: Bearer x")
    #expect(!BearerToken("").isProved(by: parsed.request.headers))
  }

  @Test(arguments: [
    ("localhost", true), ("LOCALHOST:8080", true), ("127.0.0.1", true), ("127.0.0.1:80", true),
    ("[::1]", true), ("[::1]:8080", true), ("models.example.org:1", true),
    ("evil.example.org", false), ("localhost.evil.org", false), ("localhost.", false),
    ("127.0.0.2", false), ("[::2]", false), ("::1", false), ("", false), ("localhost:x", false),
    ("user@localhost", false),
  ])
  func hostsOutsideTheListAreRefused(host: String, isAllowed: Bool) {
    let list = HostAllowList(["Models.example.org"])
    let bytes = Array(host.utf8)
    #expect(bytes.withUnsafeBytes { list.allows(BorrowedBytes($0)) } == isAllowed)
    #expect(!list.allows(nil))
  }

  @Test func pagesOutsideTheListAreRefused() throws {
    let list = OriginAllowList(["https://a.org"])
    #expect(list.allows(try Self.request().request.headers))
    #expect(list.allows(try Self.request("Origin: https://a.org").request.headers))
    #expect(!list.allows(try Self.request("Origin: https://b.org").request.headers))
    #expect(!list.allows(try Self.request("Origin: null").request.headers))
    let both = try Self.request("Origin: https://a.org", "Origin: https://b.org")
    #expect(!list.allows(both.request.headers))
    #expect(!OriginAllowList().allows(try Self.request("Origin: https://a.org").request.headers))
  }
}

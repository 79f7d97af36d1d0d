import Testing

@testable import HTTP

@Suite struct ServerAddressTests {
  @Test(
    arguments: [
      ("http://127.0.0.1:8080", "127.0.0.1", 8080), ("http://localhost", "localhost", 80),
      ("http://[::1]:9000", "::1", 9000), ("http://[::1]", "::1", 80),
      ("http://box.example:65535", "box.example", 65535),
    ] as [(String, String, UInt16)]
  ) func hostAndPortAreRead(
    url: String,
    host: String,
    port: UInt16
  ) throws {
    let address = try ServerAddress(url)
    #expect(address.host == host)
    #expect(address.port == port)
    #expect(try ServerAddress(address.description) == address)
  }

  @Test(arguments: [
    "", "localhost:8080", "https://localhost", "HTTP://localhost", "http://", "http://:8080",
    "http://localhost:", "http://localhost:0", "http://localhost:65536", "http://localhost:80a",
    "http://localhost:+80", "http://user@localhost", "http://localhost/", "http://localhost:80/v1",
    "http://localhost?x", "http://localhost#x", "http://a b", "http://a\r\nHost: b", "http://[::1",
    "http://[]", "http://[::1]8080", "http://a:1:2", "http://ü",
  ]) func everythingElseIsRefused(url: String) {
    #expect(throws: ServerAddress.Invalid.self) { try ServerAddress(url) }
  }

  @Test func theReasonNamesWhatIsTooMuch() {
    #expect(
      throws: ServerAddress.Invalid(
        description: "'http://a:1/v1' must end with the port, without '/v1'"
      )
    ) {
      try ServerAddress("http://a:1/v1")
    }
  }
}

import Testing

@testable import HTTP

@Suite struct RequestTests {
  @Test func headersAreFoundByExactNameIgnoringCase() throws {
    let parsed = try ParsedRequest(
      "POST / HTTP/1.1\r\nHost: a\r\nInference-Header-Content-Length: 7\r\n"
        + "CONTENT-LENGTH: 2\r\nAccept: a, b ,,c\r\naccept: D\r\nEmpty:\r\n\r\n{}"
    )
    let headers = parsed.request.headers
    #expect(headers["content-length"]?.decimal == 2)
    #expect(headers["inference-header-content-length"]?.decimal == 7)
    #expect(headers["length"] == nil)
    #expect(headers["empty"]?.isEmpty == true)
    #expect(headers.count == 6)
    #expect(headers.count(of: "accept") == 2)
    #expect(headers.contains("accept", token: "b"))
    #expect(headers.contains("accept", token: "d"))
    #expect(!headers.contains("accept", token: "e"))
    #expect(headers.name(at: 2).equals("CONTENT-LENGTH"))
    #expect(parsed.request.body.elementsEqual("{}".utf8))
    #expect(parsed.request.announcedBodyLength == 2)
  }

  @Test func valuesAreTrimmedOfBlanksOnly() throws {
    let parsed = try ParsedRequest("GET / HTTP/1.1\r\nHost:a\r\nX: \t v w \t\r\n\r\n")
    #expect(parsed.request.headers["x"]?.equals("v w" as StaticString) == true)
    #expect(parsed.request.headers["host"]?.string == "a")
  }

  @Test func absoluteTargetOverridesHost() throws {
    let parsed = try ParsedRequest("GET http://b:80?q=1 HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(parsed.request.host?.string == "b:80")
    #expect(parsed.request.rawPath.isEmpty)
    #expect(parsed.request.segmentCount == 1)
    #expect(parsed.request.queryValue("q") == "1")
  }

  @Test func queryValuesAreDecoded() throws {
    let parsed = try ParsedRequest.get("/p?a=1&b=x+y%26z&c&d=%zz&e==&a=2")
    #expect(parsed.request.queryValue("a") == "1")
    #expect(parsed.request.queryValue("b") == "x y&z")
    #expect(parsed.request.queryValue("c") == "")
    #expect(parsed.request.queryValue("d") == nil)
    #expect(parsed.request.queryValue("e") == "=")
    #expect(parsed.request.queryValue("f") == nil)
  }

  @Test func segmentsAreDecodedPerSegment() throws {
    let parsed = try ParsedRequest.get("/a%20b/c//%C3%A9")
    let segments = (0..<parsed.request.segmentCount).map { index in
      parsed.request.withSegment(index) { $0.string ?? "?" }
    }
    #expect(segments == ["a b", "c", "", "é"])
  }

  @Test(arguments: [
    ("0", 0), ("7", 7), ("010", 10), ("9223372036854775807", Int.max), ("", nil), ("+5", nil),
    ("-0", nil), (" 1", nil), ("1_0", nil), ("9223372036854775808", nil), ("0x1", nil),
  ])
  func decimalIsDigitsOnly(text: String, value: Int?) {
    let bytes = Array(text.utf8)
    bytes.withUnsafeBytes { #expect(BorrowedBytes($0).decimal == value) }
  }

  @Test func endsAreComparedAsBytes() {
    Array("/v1/models/m:go".utf8).withUnsafeBytes { bytes in
      let path = BorrowedBytes(bytes)
      #expect(path.hasSuffix(":go") && path.hasSuffix(""))
      #expect(!path.hasSuffix(":Go") && !path.hasSuffix("/v1/models/m:go:go"))
      #expect(path.hasPrefix("/v1/") && !path.hasPrefix("/v2/"))
    }
  }
}

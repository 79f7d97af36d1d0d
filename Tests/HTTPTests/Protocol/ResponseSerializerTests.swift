import Testing

@testable import HTTP

@Suite struct ResponseSerializerTests {
  private func render(
    _ head: ResponseSerializer.Head,
    body: String,
    _ serializer: inout ResponseSerializer
  ) -> String {
    var output = ByteBuffer()
    let response = serializer.begin(&output, head)
    output.append(body)
    if head.framing == .length { serializer.end(&output, response) }
    return String(decoding: output.readable, as: UTF8.self)
  }

  private func render(_ head: ResponseSerializer.Head, body: String = "") -> String {
    var serializer = ResponseSerializer()
    return render(head, body: body, &serializer)
  }

  @Test func writesStatusDateTypeAndLength() {
    var serializer = ResponseSerializer()
    serializer.date.update(unixSeconds: 784_111_777)
    let text = render(
      ResponseSerializer.Head(status: .ok, contentType: .json, headers: ["X-A": "b"]),
      body: "{}",
      &serializer
    )
    #expect(
      text == "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        + "Content-Type: application/json\r\nX-A: b\r\nContent-Length: 2\r\n\r\n{}"
    )
  }

  @Test(arguments: [0, 1, 9, 10, 99, 100, 999, 1000, 12_345])
  func lengthHasNoPaddingWhateverTheLastOneWas(count: Int) {
    var serializer = ResponseSerializer()
    let head = ResponseSerializer.Head(status: .ok, contentType: .none)
    for size in [5, count, 100_000, count] {
      let text = render(head, body: String(repeating: "x", count: size), &serializer)
      #expect(
        text == "HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"
          + String(repeating: "x", count: size)
      )
    }
  }

  @Test func headHasTheLengthButNoBody() {
    let head = ResponseSerializer.Head(status: .ok, contentType: .none, isHead: true)
    #expect(render(head, body: "1234567890") == "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
  }

  @Test(arguments: [204, 304])
  func statusesWithoutBodyHaveNoLength(code: Int) {
    let head = ResponseSerializer.Head(status: Status(code), contentType: .json)
    #expect(render(head, body: "x") == "HTTP/1.1 \(code) \(Status(code).reason)\r\n\r\n")
  }

  @Test func connectionIsNamedOnlyWhereItDiffersFromTheDefault() {
    var head = ResponseSerializer.Head(status: .ok, contentType: .none)
    #expect(!render(head).contains("Connection"))
    head.keepAlive = false
    #expect(render(head).contains("\r\nConnection: close\r\n"))
    head.isHTTP11 = false
    #expect(render(head).contains("\r\nConnection: close\r\n"))
    head.keepAlive = true
    #expect(render(head).contains("\r\nConnection: keep-alive\r\n"))
  }

  @Test func streamsAreChunkedOrEndWithTheConnection() {
    var head = ResponseSerializer.Head(status: .ok, contentType: .eventStream, framing: .chunked)
    #expect(render(head).contains("Transfer-Encoding: chunked\r\n\r\n"))
    head.framing = .close
    #expect(!render(head).contains("Transfer-Encoding"))
    #expect(render(head).contains("Connection: close\r\n"))
  }

  @Test(arguments: [(1, "1"), (15, "f"), (16, "10"), (255, "ff"), (4096, "1000")])
  func chunksCarryTheirSizeInHexadecimal(count: Int, size: String) {
    var output = ByteBuffer()
    let bytes = [UInt8](repeating: 0x61, count: count)
    bytes.withUnsafeBytes { ResponseSerializer.appendChunk(&output, $0) }
    ResponseSerializer.appendLastChunk(&output)
    let expected = "\(size)\r\n" + String(repeating: "a", count: count) + "\r\n0\r\n\r\n"
    let text = String(decoding: output.readable, as: UTF8.self)
    #expect(text == expected)
  }

  @Test func emptyChunkIsNotWrittenAsItWouldEndTheBody() {
    var output = ByteBuffer()
    ResponseSerializer.appendChunk(&output, UnsafeRawBufferPointer(start: nil, count: 0))
    let count = output.count
    #expect(count == 0)
  }

  @Test func headerValuesCannotSplitTheResponse() {
    var headers = ResponseHeaders()
    headers.add("X", "a\r\nSet-Cookie: b\u{0}")
    #expect(String(decoding: headers.lines, as: UTF8.self) == "X: a  Set-Cookie: b \r\n")
  }

  @Test func errorsAreJSONWithAStringAndClose() {
    var serializer = ResponseSerializer()
    var output = ByteBuffer()
    serializer.appendError(&output, RequestError(.badRequest, "a \"b\" \n\u{1}"))
    let text = String(decoding: output.readable, as: UTF8.self)
    #expect(text.hasSuffix("\r\n\r\n{\"error\":\"a \\\"b\\\" \\n\\u0001\"}"))
    #expect(text.contains("Connection: close\r\n"))
  }

  @Test func informationalStatusCannotBeMade() {
    #expect(Status(100) == .internalServerError)
    #expect(Status(99_999) == .internalServerError)
  }
}

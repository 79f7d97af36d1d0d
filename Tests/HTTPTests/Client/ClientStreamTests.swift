import Glibc
import Testing

@testable import HTTP

@Suite struct ClientStreamTests {
  @Test func streamedResponsesAreReadPieceByPiece() throws {
    let test = try TestServer()
    for path in ["/file", "/big?n=1000000"] {
      let stream = try test.client().open("GET", path)
      #expect(stream.status == 200)
      #expect(stream.headers.contains { $0.name == "Content-Length" && $0.value == "1000000" })
      var count = 0
      while let piece = try stream.read() { count += piece.count }
      #expect(count == 1_000_000)
      #expect(try stream.read() == nil)
    }
  }

  @Test func bodylessAndBrokenStreamsEnd() throws {
    let test = try TestServer()
    #expect(try test.client().open("HEAD", "/file").read() == nil)
    #expect(try test.client().open("POST", "/echo", body: []).read() == nil)
    #expect(throws: HTTPClient.Failure.closed) {
      let short = try test.client().open("GET", "/short")
      while try short.read() != nil {}
    }
  }

  @Test func eventsOfAStreamComeOneByOne() throws {
    let test = try TestServer()
    let events = ClientEventStream(try test.client().open("GET", "/stream"))
    for index in 0..<3 { #expect(try events.next()?.data == "\(index)") }
    #expect(try events.next() == nil)
  }

  /// All three may have arrived at once; a client that stops behind the first has seen only that one.
  @Test func theLastEventIDIsThatOfTheEventAnswered() throws {
    let test = try TestServer()
    let text = Array("id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\n\nid: 4\ndata: broken off".utf8)
    let response = try test.client().open("POST", "/echo", body: text)
    let events = ClientEventStream(response, lastEventID: "0")
    #expect(events.lastEventID == "0")
    #expect(try events.next()?.data == "a")
    #expect(events.lastEventID == "1")
    #expect(try events.next()?.data == "b")
    // The third block is no event, but its id counts; the fourth never ended.
    #expect(try events.next() == nil)
    #expect(events.lastEventID == "3")
  }

  @Test func uploadedFilesAreSentWithoutBeingLoaded() throws {
    var path = Array("/tmp/martlet-upload-XXXXXX".utf8CString)
    let descriptor = mkstemp(&path)
    try #require(descriptor >= 0)
    let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(name) }
    let content = [UInt8](repeating: 0x78, count: 1_000_000)
    #expect(content.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == 1_000_000)
    close(descriptor)

    let test = try TestServer()
    var form = MultipartForm(boundary: "B")
    form.append("purpose", "fine-tune")
    try form.append("file", file: name)
    #expect(form.contentType == "multipart/form-data; boundary=\"B\"")
    let upload = form.finished()
    let response = try test.client().send("POST", "/echo", upload: upload)
    #expect(response.body.count == upload.count)
    let filename = try #require(name.split(separator: "/").last)
    #expect(
      multipartTranscript([response.body[...]]) == [
        "purpose|-|-", "= fine-tune", "file|\(filename)|application/octet-stream",
        "= " + String(repeating: "x", count: 1_000_000),
      ]
    )
    let refused = try test.client().send("POST", "/secret", upload: upload)
    #expect(refused.status == 401)
  }

  @Test func missingFileIsAnErrorBeforeAnythingIsSent() {
    var form = MultipartForm()
    #expect(throws: HTTPClient.Failure.self) { try form.append("file", file: "/nowhere/x") }
    #expect(throws: HTTPClient.Failure.self) { try form.append("file", file: "/tmp") }
  }
}

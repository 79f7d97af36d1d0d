import Testing

@testable import HTTP

/// Feeds a body in pieces and writes down what comes out; bytes of one part are joined.
func multipartTranscript(
  _ pieces: [ArraySlice<UInt8>],
  boundary: String = "B",
  limits: MultipartParser.Limits = MultipartParser.Limits()
) -> [String] {
  var transcript: [String] = []
  do throws(RequestError) {
    var parser = MultipartParser(try MultipartBoundary(Array(boundary.utf8)), limits: limits)
    var content: [UInt8] = []
    for piece in pieces {
      // A copy of its own, so that reading beyond it would be seen.
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
      defer { copy.deallocate() }
      copy.copyBytes(from: piece)
      var rest = UnsafeRawBufferPointer(copy)
      while let event = try parser.next(&rest) {
        switch event {
        case .begin(let part):
          transcript.append(
            "\(part.name)|\(part.filename ?? "-")|\(part.contentType ?? "-")"
          )
        case .bytes(let bytes): content.append(contentsOf: bytes)
        case .end:
          transcript.append("= " + String(decoding: content, as: UTF8.self))
          content = []
        }
      }
    }
    try parser.finish()
  } catch {
    transcript.append("\(error.status.code)")
  }
  return transcript
}

private func transcript(
  _ text: String,
  limits: MultipartParser.Limits = MultipartParser.Limits()
) -> [String] {
  multipartTranscript([latin1(text)[...]], limits: limits)
}

@Suite struct MultipartParserTests {
  private static let form =
    "--B\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n"
    + "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n"
    + "Content-Type: application/octet-stream\r\n\r\n"
    + "one\r\n--\r\n--A\r\r\n-\r\n\r\n--C\r\n"
    + "\r\n--B\r\nContent-Disposition: form-data; name=empty\r\n\r\n\r\n--B--\r\n"

  private static let events = [
    "purpose|-|-", "= fine-tune", "file|a.jsonl|application/octet-stream",
    "= one\r\n--\r\n--A\r\r\n-\r\n\r\n--C\r\n", "empty|-|-", "= ",
  ]

  @Test func partsAreTheSameAtEverySplit() {
    let bytes = Array(Self.form.utf8)
    #expect(multipartTranscript([bytes[...]]) == Self.events)
    for split in 0...bytes.count {
      #expect(
        multipartTranscript([bytes[..<split], bytes[split...]]) == Self.events,
        "at \(split)"
      )
    }
    for size in [1, 2, 3, 7] {
      let pieces = stride(from: 0, to: bytes.count, by: size).map {
        bytes[$0..<min($0 + size, bytes.count)]
      }
      #expect(multipartTranscript(pieces) == Self.events, "in pieces of \(size)")
    }
  }

  @Test(arguments: [
    ("form-data; name=a", ["a|-|-", "= x"]),
    ("form-data;name=a ; filename = b", ["400"]),
    ("FORM-DATA; NAME=\"a\"; Filename=\"\"", ["a||-", "= x"]),
    (#"form-data; name="a"; filename="C:\data\x.csv""#, [#"a|C:\data\x.csv|-"#, "= x"]),
    (#"form-data; name="a"; filename="a\"b\\c%22;d""#, [#"a|a"b\c";d|-"#, "= x"]),
    ("form-data; name=\"a\"; filename=\"\u{C3}\u{A9}\"", ["a|é|-", "= x"]),
    ("form-data; name=\"a\"; filename=\"\u{E9}\"", ["400"]),
    ("form-data; name=\"a\"; filename=\"x\"; filename*=UTF-8''y", ["a|x|-", "= x"]),
    ("form-data; name=\"a\"; filename*=UTF-8''y", ["400"]),
    ("form-data; name=\"a", ["400"]),
    ("form-data; name=\"a\" x", ["400"]),
    ("form-data; name=", ["400"]),
    ("form-data; name=a; name=b", ["400"]),
    ("form-data; =a", ["400"]),
    ("form-data;; name=a;", ["a|-|-", "= x"]),
    ("form-data", ["400"]),
    ("attachment; name=a", ["400"]),
    ("", ["400"]),
  ])
  func dispositionsAreReadStrictly(value: String, events: [String]) {
    #expect(
      transcript("--B\r\nContent-Disposition: \(value)\r\n\r\nx\r\n--B--\r\n") == events
    )
  }

  @Test(arguments: [
    ("", "400"), ("--", "400"), ("--B", "400"), ("--B--", "fine"), ("--B--\r\n", "fine"),
    ("\r\n--B--", "fine"), ("\n--B--", "400"), ("preamble\r\n--B--", "400"), ("--B--\r\nx", "400"),
    ("--B--\r\n\r\n", "400"), ("--B-", "400"), ("--B-x", "400"), ("--B \r\n", "400"),
    ("--B\n", "400"), ("--Bx", "400"), ("--B\r\n\r\nx\r\n--B--", "400"),
    ("--B\r\nX: y\r\n\r\nx\r\n--B--", "400"), ("--B\r\nnonsense\r\n\r\nx\r\n--B--", "400"),
    ("--B\r\n folded: x\r\n\r\nx\r\n--B--", "400"),
    ("--B\r\nContent-Disposition: form-data; name=a\n\r\n\r\nx\r\n--B--", "400"),
    ("--B\r\nContent-Disposition: form-data; name=a\rX: y\r\n\r\nx\r\n--B--", "400"),
  ])
  func framesAreStrict(body: String, verdict: String) {
    #expect((transcript(body).last ?? "fine") == verdict)
  }

  @Test func repeatedLinesAndEncodingsAreRefused() {
    let name = "Content-Disposition: form-data; name=a\r\n"
    for (lines, last) in [
      (name + name, "400"),
      (name + "Content-Type: a/b\r\nContent-Type: c/d\r\n", "400"),
      (name + "Content-Transfer-Encoding: base64\r\n", "400"),
      (name + "Content-Transfer-Encoding: Binary\r\nX-Other: z\r\n", "= x"),
    ] {
      #expect(transcript("--B\r\n\(lines)\r\nx\r\n--B--").last == last)
    }
  }

  @Test func partsAndHeadersAreBounded() {
    var limits = MultipartParser.Limits()
    limits.parts = 2
    limits.partHeaderFields = 2
    limits.partHeaderBytes = 60
    let part = "--B\r\nContent-Disposition: form-data; name=a\r\n"
    let body = "\r\nx\r\n"
    #expect(transcript(part + body + part + body + "--B--", limits: limits).last == "= x")
    #expect(transcript(part + body + part + body + part, limits: limits).last == "413")
    #expect(transcript(part + "X: y\r\n" + body + "--B--", limits: limits).last == "= x")
    #expect(transcript(part + "X: y\r\nY: y\r\n" + body + "--B--", limits: limits).last == "431")
    // An endless line is refused before it ends.
    #expect(transcript(part + String(repeating: "z", count: 60), limits: limits) == ["431"])
  }

  @Test func boundariesAreBoundedAndOfKnownBytes() throws {
    for (value, boundary) in [
      ("multipart/form-data; boundary=abc", "abc"),
      ("Multipart/Form-Data;charset=utf-8; Boundary=\"a b?c\"", "a b?c"),
    ] {
      let bytes = Array(value.utf8)
      let parsed = try bytes.withUnsafeBytes {
        try MultipartBoundary(contentType: BorrowedBytes($0))
      }
      #expect(parsed.bytes == Array(boundary.utf8))
    }
    for (value, status) in [
      ("application/json", Status.unsupportedMediaType),
      ("multipart/mixed; boundary=a", .unsupportedMediaType),
      ("multipart/form-data", .badRequest), ("multipart/form-data; boundary=\"\"", .badRequest),
      ("multipart/form-data; boundary=\"a \"", .badRequest),
      ("multipart/form-data; boundary=\"a\\\"b\"", .badRequest),
      ("multipart/form-data; boundary=" + String(repeating: "a", count: 71), .badRequest),
    ] {
      let bytes = Array(value.utf8)
      let error = #expect(throws: RequestError.self) {
        try bytes.withUnsafeBytes { _ = try MultipartBoundary(contentType: BorrowedBytes($0)) }
      }
      #expect(error?.status == status, "\(value)")
    }
    #expect(throws: RequestError.self) { try MultipartBoundary(contentType: nil) }
  }

  /// Content made of almost-delimiters (CVE-2024-9056 was a boundary that took quadratic time).
  @Test func almostDelimitersAreContent() throws {
    let boundary = String(repeating: "-", count: 70)
    let almost = "\r\n--" + String(repeating: "-", count: 69) + "\r"
    let content = String(repeating: almost, count: 1000)
    let body = Array(
      "--\(boundary)\r\nContent-Disposition: form-data; name=a\r\n\r\n\(content)\r\n--\(boundary)--"
        .utf8
    )
    #expect(
      multipartTranscript([body[...]], boundary: boundary) == ["a|-|-", "= \(content)"]
    )
    #expect(
      multipartTranscript(body.indices.map { body[$0...$0] }, boundary: boundary)
        == ["a|-|-", "= \(content)"]
    )
  }

  @Test(arguments: 0..<4)
  func mutatedFormsNeverTrapAndNeverDependOnSplits(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    for _ in 0..<2500 {
      var bytes = Array(Self.form.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) { FuzzTests.mutate(&bytes, &random) }
      let whole = multipartTranscript([bytes[...]])
      let low = Int.random(in: 0...bytes.count, using: &random)
      let high = Int.random(in: low...bytes.count, using: &random)
      #expect(
        multipartTranscript([bytes[..<low], bytes[low..<high], bytes[high...]]) == whole,
        "\(bytes) at \(low), \(high)"
      )
    }
  }
}

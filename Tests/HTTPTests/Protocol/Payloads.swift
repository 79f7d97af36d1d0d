import Testing

/// A request stream with the events that it must cause.
///
/// The smuggling payloads follow the numbering of http-garden's TROPHIES.md (server bugs `s`,
/// transducer bugs `t`); a `Host` is added where the original has none, so that the fault under test
/// is the only one.
struct Payload: CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]
  let events: [String]

  init(_ name: String, _ text: String, _ events: [String]) {
    self.name = name
    bytes = latin1(text)
    self.events = events
  }

  var testDescription: String { name }

  private static let host = "Host: a\r\n"

  /// A request with one more header line and what follows the head.
  private static func with(_ line: String, method: String = "GET", then rest: String = "") -> String
  {
    "\(method) / HTTP/1.1\r\n\(host)\(line)\r\n\r\n\(rest)"
  }

  private static func chunked(_ body: String) -> String {
    with("Transfer-Encoding: chunked", method: "POST", then: body)
  }

  static let framing: [Payload] = [
    Payload(
      "s1 s22 chunk size 0_2e",
      chunked("0_2e\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
      ["400"]
    ),
    Payload("s25 chunk size 0x1", chunked("0x1\r\nZ\r\n0\r\n\r\n"), ["400"]),
    Payload("s25 chunk size +1", chunked("+1\r\nZ\r\n0\r\n\r\n"), ["400"]),
    Payload("s25 chunk size -1", chunked("-1\r\nZ\r\n0\r\n\r\n"), ["400"]),
    Payload("chunk size with leading space", chunked(" 1\r\nZ\r\n0\r\n\r\n"), ["400"]),
    Payload("chunk size with trailing space", chunked("1 \r\nZ\r\n0\r\n\r\n"), ["400"]),
    Payload("s17 empty chunk size", chunked("\r\n\r\n"), ["400"]),
    Payload("chunk size overflow", chunked("FFFFFFFFFFFFFFFFF\r\n"), ["413"]),
    Payload("chunk size at 2^64", chunked("10000000000000000\r\n"), ["413"]),
    Payload("chunk size with many zeros", chunked("00000000000000001\r\nZ\r\n0\r\n\r\n"), ["400"]),
    Payload("s31 CR inside chunk line", chunked("5\r\r;ABCD\r\n34\r\nE\r\n0\r\n\r\n"), ["400"]),
    Payload("s36 CR CR in extension", chunked("1;a=b\r\rX\r\n0\r\n\r\n"), ["400"]),
    Payload("t3 CR before extension", chunked("2\r\r;a\r\n02\r\n41\r\n0\r\n\r\n"), ["400"]),
    Payload("chunk line ending in LF", chunked("1\nZ\r\n0\r\n\r\n"), ["400"]),
    Payload("t13 chunk data ending in LF", chunked("a\r\n0123456789\n0\r\n\r\n"), ["400"]),
    Payload("s39 bytes for CR LF behind data", chunked("1\r\nZXX0\r\n\r\n"), ["400"]),
    Payload("s39 trailer as request", chunked("0\r\nX:POST / HTTP/1.1\r\n\r\n"), ["POST /"]),
    Payload("t2 t4 chunk size Z", chunked("Z\r\nZZ\r\nZZZ\r\n\r\n"), ["400"]),
    Payload("t4 CR digit LF", chunked("1\r0\n"), ["400"]),
    Payload("t7 longest valid prefix", chunked("1these-bytes\r\nZ\r\n0\r\n\r\n"), ["400"]),
    Payload(
      "s47 never resync after a bad chunk",
      chunked("INVALID!!!\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
      ["400"]
    ),
    Payload(
      "t17 extra CR LF before the last chunk",
      chunked("17\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n\r\n\r\n0\r\n\r\n"),
      ["400"]
    ),
    Payload(
      "a request inside chunk data is data",
      chunked("12\r\nGET / HTTP/1.1\r\n\r\n\r\n0\r\n\r\n"),
      ["POST / GET / HTTP/1.1\r\n\r\n"]
    ),
    Payload("chunks are joined", chunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), ["POST / abcde"]),
    Payload(
      "chunk sizes fold case",
      chunked("a\r\n0123456789\r\nB\r\n0123456789A\r\n0\r\n\r\n"),
      ["POST / 01234567890123456789A"]
    ),
    Payload("extensions are ignored", chunked("1;a=b\r\nZ\r\n0;c\r\n\r\n"), ["POST / Z"]),
    Payload("trailers are dropped", chunked("1\r\nZ\r\n0\r\nA: b\r\nC: d\r\n\r\n"), ["POST / Z"]),
    Payload("folded trailer", chunked("0\r\nA: b\r\n c\r\n\r\n"), ["400"]),
    Payload("trailer without name", chunked("0\r\n: b\r\n\r\n"), ["400"]),
    Payload("trailer with bare CR", chunked("0\r\nA: b\rc\r\n\r\n"), ["400"]),
    Payload(
      "s11 two Transfer-Encoding",
      with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", then: "1\r\nZ\r\n0\r\n\r\n"),
      ["400"]
    ),
    Payload("s12 NBSP around chunked", with("Transfer-Encoding: \u{A0}chunked\u{A0}"), ["400"]),
    Payload("s46 0xFF around chunked", with("Transfer-Encoding: \u{FF}chunked\u{FF}"), ["400"]),
    Payload("NEL around chunked", with("Transfer-Encoding: \u{85}chunked"), ["400"]),
    Payload("t9 t18 empty list element", with("Transfer-Encoding: ,chunked"), ["400"]),
    Payload(
      "s21 t15 empty list element and length",
      with("Transfer-Encoding: ,chunked\r\nContent-Length: 5", then: "0\r\n\r\n"),
      ["400"]
    ),
    Payload("xchunked", with("Transfer-Encoding: xchunked"), ["400"]),
    Payload("s44 unknown coding", with("Transfer-Encoding: blegh"), ["400"]),
    Payload("identity", with("Transfer-Encoding: identity"), ["400"]),
    Payload("chunked twice", with("Transfer-Encoding: chunked, chunked"), ["400"]),
    Payload("chunked not last", with("Transfer-Encoding: chunked, gzip"), ["400"]),
    Payload("unknown coding before chunked", with("Transfer-Encoding: gzip, chunked"), ["501"]),
    Payload("empty Transfer-Encoding", with("Transfer-Encoding: "), ["400"]),
    Payload("chunked with parameter", with("Transfer-Encoding: chunked;a=b"), ["400"]),
    Payload("Kelvin sign", with("Transfer-Encoding: chun\u{E2}\u{84}\u{AA}ed"), ["400"]),
    Payload(
      "Transfer-Encoding folds case",
      with("TRANSFER-ENCODING: ChUnKeD", then: "0\r\n\r\n"),
      ["GET /"]
    ),
    Payload(
      "length and chunked",
      with("Content-Length: 5\r\nTransfer-Encoding: chunked", then: "0\r\n\r\n"),
      ["400"]
    ),
    Payload(
      "chunked and length",
      with("Transfer-Encoding: chunked\r\nContent-Length: 5", then: "0\r\n\r\n"),
      ["400"]
    ),
    Payload(
      "chunked in HTTP/1.0",
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ["400"]
    ),
    Payload("s10 length +1_0", with("Content-Length: +1_0", then: "0123456789"), ["400"]),
    Payload("length +1", with("Content-Length: +1", then: "Z"), ["400"]),
    Payload("length 1_0", with("Content-Length: 1_0", then: "0123456789"), ["400"]),
    Payload("s26 length -48", with("Content-Length: -48"), ["400"]),
    Payload("length -0", with("Content-Length: -0"), ["400"]),
    Payload("s29 length 1Z", with("Content-Length: 1Z", then: "Z"), ["400"]),
    Payload("t1 length 0x10", with("Content-Length: 0x10", then: "Z"), ["400"]),
    Payload(
      "s32 length 010 is ten",
      with("Content-Length: 010", then: "0123456789"),
      ["GET / 0123456789"]
    ),
    Payload("s16 s38 empty length", with("Content-Length: "), ["400"]),
    Payload("s42 empty length first", with("Content-Length: \r\nContent-Length: 43"), ["400"]),
    Payload("length list", with("Content-Length: 5, 5", then: "01234"), ["400"]),
    Payload("same length twice", with("Content-Length: 5\r\nContent-Length: 5"), ["400"]),
    Payload(
      "s23 lengths 1 and 0",
      with("Content-Length: 1\r\nContent-Length: 0", then: "Z"),
      ["400"]
    ),
    Payload(
      "s33 lengths 0 and 1",
      with("Content-Length: 0\r\nContent-Length: 1", then: "Z"),
      ["400"]
    ),
    Payload("length overflow", with("Content-Length: 18446744073709551616"), ["413"]),
    Payload("length 2^63", with("Content-Length: 9223372036854775808"), ["413"]),
    Payload("length 2^63-1", with("Content-Length: 9223372036854775807"), ["413"]),
    Payload("inner space", with("Content-Length: 1 0"), ["400"]),
    Payload("s3 space before colon", with("Content-Length : 34"), ["400"]),
    Payload("s20 NEL before colon", with("Content-Length\u{85}: 10"), ["400"]),
    Payload(
      "Inference-Header-Content-Length is not Content-Length",
      with("Inference-Header-Content-Length: 99\r\nContent-Length: 2", then: "{}"),
      ["GET / {}"]
    ),
    Payload(
      "s48 length 0 with a pipelined request",
      with("Content-Length: 0", method: "POST", then: "GET /b HTTP/1.1\r\nHost: a\r\n\r\n"),
      ["POST /", "GET /b"]
    ),
    Payload(
      "s45 invalid second request",
      with("Connection: close", then: "Invalid\r\n\r\n"),
      ["GET /", "close"]
    ),
    Payload(
      "s45 invalid second request, kept alive",
      with("A: b", then: "Invalid\r\n\r\n"),
      ["GET /", "400"]
    ),
  ]

  static let heads: [Payload] = [
    Payload("s2 NUL and CR in value", with("Header: v\u{0}\ralue"), ["400"]),
    Payload(
      "s4 t8 first line starts with tab",
      "GET / HTTP/1.1\r\n\tContent-Length: 1\r\nHost: a\r\n\r\nX",
      ["400"]
    ),
    Payload("first line starts with space", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", ["400"]),
    Payload("s5 version 1.32", "GET /test HTTP/1.32\r\n\r\n", ["505"]),
    Payload("version 2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ["505"]),
    Payload("version 1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", ["505"]),
    Payload("s24 version overflow", "GET / HTTP/4294967295.255\r\n\r\n", ["505"]),
    Payload("s15 CR in version", "GET / HTTP/\r\r1.1\r\n\r\n", ["400"]),
    Payload("s40 NUL method", "\u{0} / HTTP/............0596.7407.\r\n\r\n", ["400"]),
    Payload("lower-case http", "GET / http/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("HTTP/0.9", "GET /\r\n", ["400"]),
    Payload("version with letter", "GET / HTTP/1.1a\r\n\r\n", ["400"]),
    Payload("s6 method with separators", "G=\":<>(e),[T];?\" /get HTTP/1.1\r\n\r\n", ["400"]),
    Payload("lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", ["501"]),
    Payload("unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", ["501"]),
    Payload("CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", ["501"]),
    Payload("s7 target !", "GET ! HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("s9 LF in request line", "GET /\nHTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("two spaces behind method", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("two spaces behind target", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("tab in request line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("space behind version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", ["400"]),
    Payload("space before method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("s8 0xEF in name", with("\u{EF}foo: bar"), ["400"]),
    Payload("s14 controls in name", with("\u{1}\u{2}\t\u{B}\"(),/;<=>?@[/]{}: x"), ["400"]),
    Payload("t6 @ in name", with("a@b: c"), ["400"]),
    Payload("s13 CR as line end", with("Visible: :/\rSmuggled: :)"), ["400"]),
    Payload("s18 empty name", "GET / HTTP/1.1\r\n: ignored\r\nHost: a\r\n\r\n", ["400"]),
    Payload("s27 colon alone", with(":\r\nI: am chopped off"), ["400"]),
    Payload("s19 LF LF behind colon", with("Useless:\n\nGET / HTTP/1.1"), ["400"]),
    Payload("s28 no colon", with("Content-Length 10", then: "0123456789"), ["400"]),
    Payload(
      "s30 CR Z at the end",
      "GET / HTTP/1.1\r\nHost: a\r\n\rZGET /evil: HTTP/1.1\r\n\r\n",
      ["400"]
    ),
    Payload("s34 CR in value", with("Header: va\rlue"), ["400"]),
    Payload("t10 CRs in value", with("Invalid-Header: this\rvalue\ris\rinvalid"), ["400"]),
    Payload("s35 NUL in value", with("Test: test\u{0}DROPPED\r\nConnection: close"), ["400"]),
    Payload("s43 NUL at the end of value", with("Evil: evil\u{0}"), ["400"]),
    Payload("DEL in value", with("Evil: a\u{7F}b"), ["400"]),
    Payload("s37 name across lines", with("Transfer-\r\nEncoding: chunked"), ["400"]),
    Payload("folded value", with("A: b\r\n c"), ["400"]),
    Payload("t14 LF in name", with("Te\nst: test"), ["400"]),
    Payload("t16 LF line ends", "GET / HTTP/1.1\nHost: a\n\n", ["400"]),
    Payload("LF at the end of the head", "GET / HTTP/1.1\r\nHost: a\r\n\n", ["400"]),
    Payload("s41 obs-text is kept in values", with("User: \u{85}admin\u{A0}"), ["GET /"]),
    Payload("one empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ["GET /"]),
    Payload("two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("bare LF first", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("TLS hello", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", ["400"]),
    Payload("no Host", "GET / HTTP/1.1\r\n\r\n", ["400"]),
    Payload("no Host in 1.0", "GET / HTTP/1.0\r\n\r\n", ["GET /", "close"]),
    Payload("two Hosts", with("Host: a"), ["400"]),
    Payload("two Hosts in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", ["400"]),
    Payload("empty Host", "GET / HTTP/1.1\r\nHost: \r\n\r\n", ["400"]),
    Payload("Host with user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", ["400"]),
    Payload("Host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", ["400"]),
    Payload("Host list", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", ["400"]),
    Payload("s46 0xFF in Host", "GET / HTTP/1.1\r\nHost: \u{FF}a\u{FF}\r\n\r\n", ["400"]),
    Payload("t12 NUL in Host", "GET / HTTP/1.1\r\nHost: a\u{0}.b\r\n\r\n", ["400"]),
    Payload("Host port not a number", "GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n", ["400"]),
    Payload("Host with IPv6", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", ["GET /"]),
    Payload("Host with open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", ["400"]),
    Payload("absolute target", "GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n", ["GET /x"]),
    Payload("absolute target needs Host", "GET http://b/x HTTP/1.1\r\n\r\n", ["400"]),
    Payload("absolute target with user", "GET http://u@b/x HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("ftp target", "GET ftp://b/x HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", ["OPTIONS "]),
    Payload("asterisk with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("0x80 in target", "GET /\u{80} HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("dot segment", "GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("encoded dot segment", "GET /a/%2e%2E/b HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("encoded slash", "GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("encoded backslash", "GET /a%5cb HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("encoded NUL", "GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("encoded control", "GET /a%0ab HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("overlong UTF-8", "GET /%c0%af HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("half an escape", "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload("escape of letters", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", ["400"]),
    Payload(
      "encoded once only",
      "GET /%252e%252e HTTP/1.1\r\nHost: a\r\n\r\n",
      ["GET /%252e%252e"]
    ),
    Payload("unknown expectation", with("Expect: teapot"), ["417"]),
    Payload(
      "pipelined",
      with("A: b", then: "HEAD /c HTTP/1.1\r\nHost: a\r\n\r\n"),
      ["GET /", "HEAD /c"]
    ),
    Payload(
      "bodies and pipelining",
      with(
        "Content-Length: 3",
        method: "POST",
        then: "abcPOST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "2\r\nde\r\n0\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n"
      ),
      ["POST / abc", "POST /2 de", "GET /3"]
    ),
    Payload(
      "1.0 keeps alive on request",
      "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n",
      ["GET /", "GET /2", "close"]
    ),
    Payload("close wins", with("Connection: keep-alive, close"), ["GET /", "close"]),
    Payload(
      "close in a second line",
      with("Connection: a\r\nConnection: CLOSE"),
      ["GET /", "close"]
    ),
  ]

  static let all = framing + heads
}

import Testing

@testable import HTTP

@Suite struct HTTPDateTests {
  @Test(arguments: [
    (784_111_777, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"),
    (0, "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"),
    (951_782_400, "Date: Tue, 29 Feb 2000 00:00:00 GMT\r\n"),
    (1_735_689_599, "Date: Tue, 31 Dec 2024 23:59:59 GMT\r\n"),
    (4_107_542_400, "Date: Mon, 01 Mar 2100 00:00:00 GMT\r\n"),
  ])
  func rendersKnownInstants(seconds: Int, line: String) {
    var date = HTTPDate()
    date.update(unixSeconds: seconds)
    #expect(String(decoding: date.line, as: UTF8.self) == line)
  }
}

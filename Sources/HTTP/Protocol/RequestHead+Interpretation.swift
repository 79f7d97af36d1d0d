extension RequestHead {
  /// Draws the conclusions from a complete head: path, `Host`, framing, keep-alive, `Expect`.
  mutating func interpret(_ bytes: BorrowedBytes, limits: ServerLimits) throws(RequestError) {
    let headers = HeaderFields(head: bytes, ranges: fields)
    try checkHost(headers)
    framing = try BodyFraming(headers, minorVersion: minorVersion)
    // RFC 9112 §9.3: close wins; 1.1 persists by default, 1.0 on request.
    keepAlive =
      !headers.contains("connection", token: "close")
      && (minorVersion >= 1 || headers.contains("connection", token: "keep-alive"))
    try interpretExpect(headers)
    if target.form != .asterisk {
      try path.parse(bytes, target.path, limit: limits.pathSegments)
    }
  }

  /// RFC 9112 §3.2: 1.1 has exactly one `Host`; it must be valid even if the target overrides it.
  private func checkHost(_ headers: HeaderFields) throws(RequestError) {
    var count = 0
    for index in 0..<headers.count where headers.name(at: index).equalsIgnoringCase("host") {
      count += 1
      guard Authority.isValid(headers.value(at: index)) else {
        throw .malformed("The Host header is not a valid host.")
      }
    }
    guard count == 1 || (count == 0 && minorVersion == 0) else {
      throw .malformed("There must be exactly one Host header, not \(count).")
    }
  }

  /// RFC 9110 §10.1.1: `100-continue` is the only expectation; 1.0 clients cannot have it.
  private mutating func interpretExpect(_ headers: HeaderFields) throws(RequestError) {
    guard minorVersion >= 1 else { return }
    for index in 0..<headers.count where headers.name(at: index).equalsIgnoringCase("expect") {
      guard headers.value(at: index).equalsIgnoringCase("100-continue") else {
        throw RequestError(.expectationFailed, "The only expectation met is 100-continue.")
      }
      expectsContinue = framing != .none
    }
  }
}

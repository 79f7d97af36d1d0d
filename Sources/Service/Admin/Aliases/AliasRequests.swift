import HTTP

/// Reads what requests about aliases say; what they should not say is refused by name.
enum AliasRequests {
  /// The body of `PUT`: `{"version": 4, "expected_version": 3, "canary": {"version": 5, "percent": 10}}`.
  struct Target {
    let version: Int
    let canary: AliasDocument.Canary?
    let expected: AliasExpectation

    init(_ request: Request) throws {
      let body = try AliasRequests.value(request.body)
      var members = try JSONMembers(body)
      version = try members.required(
        "version",
        try members.integer("version", in: 1...AliasDocument.numberMax)
      )
      canary = try AliasDocument.Canary(in: &members)
      expected = try AliasRequests.expectation(request, body, &members)
      try members.finish()
    }
  }

  /// What a request without other members expects: `If-Match`, or the body `{"expected_version": 4}`, or nothing.
  static func expectation(_ request: Request) throws -> AliasExpectation {
    let body = request.body.isEmpty ? .object([]) : try value(request.body)
    var members = try JSONMembers(body)
    let expected = try expectation(request, body, &members)
    try members.finish()
    return expected
  }

  /// `expected_version` of the body (`null`: the alias must not exist yet), else `If-Match` with one entity tag or `*`
  /// (RFC 9110 section 13.1.1), else `If-None-Match: *`.
  private static func expectation(
    _ request: Request,
    _ body: JSONValue,
    _ members: inout JSONMembers
  ) throws -> AliasExpectation {
    let matches = request.headers["if-match"]
    let exists = request.headers["if-none-match"]
    let key = "expected_version"
    let version = try members.integer(key, in: 1...AliasDocument.numberMax)
    if let value = body[key] {
      guard matches == nil, exists == nil else {
        throw AdminError.invalid("'\(key)' and If-Match exclude each other", parameter: key)
      }
      return .version(value == .null ? nil : try members.required(key, version))
    }
    if let exists {
      guard exists.equals("*"), matches == nil else {
        throw AdminError.invalid("If-None-Match must be *, without If-Match")
      }
      return .version(nil)
    }
    guard let matches else { return .anything }
    if matches.equals("*") { return .exists }
    guard matches.count > 2, matches.buffer.first == 0x22, matches.buffer.last == 0x22,
      let revision = matches[1, matches.count - 1].decimal
    else {
      throw AdminError.invalid("If-Match must be the ETag of the alias, such as \"7\", or *")
    }
    return .revision(revision)
  }

  private static func value(_ body: UnsafeRawBufferPointer) throws -> JSONValue {
    do throws(JSONError) {
      return try JSONValueReader.read(body)
    } catch { throw AdminError.invalid(error.message(in: body)) }
  }

  /// `after`, `limit`, `model` and `order` of the query.
  static func auditQuery(_ request: Request) throws -> AuditPage.Query {
    func number(_ key: StaticString, _ range: ClosedRange<Int>) throws -> Int? {
      guard let text = request.queryValue(key) else { return nil }
      let value = text.utf8.allSatisfy { 0x30...0x39 ~= $0 } ? Int(text) : nil
      guard let value, range.contains(value) else {
        throw AdminError.invalid(
          "'\(key)' must be a whole number in \(range), found '\(text.prefix(40))'",
          parameter: "\(key)"
        )
      }
      return value
    }
    let order = try request.queryValue("order").map { text in
      guard let order = AuditPage.Query.Order(rawValue: text) else {
        throw AdminError.invalid(
          "'order' must be asc or desc, found '\(text.prefix(40))'",
          parameter: "order"
        )
      }
      return order
    }
    return AuditPage.Query(
      after: try number("after", 0...AliasDocument.numberMax),
      limit: try number("limit", 1...AuditPage.limitMax) ?? 20,
      model: request.queryValue("model"),
      order: order ?? .newestFirst
    )
  }
}

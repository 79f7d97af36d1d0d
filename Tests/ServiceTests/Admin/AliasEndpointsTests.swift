import HTTP
import Testing

@testable import Service

@Suite struct AliasEndpointsTests {
  let server: ServiceServer
  static let path = "/models/m/aliases/stable"

  init() throws {
    var files: [String: String] = [:]
    for version in 1...4 {
      files["m/\(version)/model.onnx"] = version == 4 ? "damaged" : "plain \(version)"
      files["m/\(version)/model.json"] = "{}"
    }
    server = try ServiceServer(files)
  }

  func tag(_ answer: ClientResponse) -> String? { answer.headers.first { $0.0 == "ETag" }?.1 }

  @Test func promoteAndRollBackByCurl() throws {
    let first = try server.admin("PUT", Self.path, #"{"version": 2}"#)
    #expect(first.status == 200)
    #expect(first.text == #"{"name":"stable","version":2,"revision":1}"#)
    #expect(tag(first) == "\"1\"")
    let second = try server.admin(
      "PUT",
      Self.path,
      #"{"version": 3, "expected_version": 2, "canary": {"version": 1, "percent": 12.5}}"#
    )
    #expect(
      second.text
        == #"{"name":"stable","version":3,"previous":2,"revision":2,"canary":{"version":1,"percent":12.5}}"#
    )
    #expect(try server.admin("GET", Self.path).text == second.text)
    #expect(
      try server.admin("GET", "/models/m/aliases").text
        == #"{"object":"list","data":[\#(second.text)]}"#
    )
    let third = try server.admin("POST", "\(Self.path)/rollback")
    #expect(third.text == #"{"name":"stable","version":3,"previous":2,"revision":3}"#)
    let fourth = try server.admin(
      "POST",
      "\(Self.path)/rollback",
      "{}",
      headers: [("If-Match", "\"3\"")]
    )
    #expect(fourth.text == #"{"name":"stable","version":2,"previous":3,"revision":4}"#)
    let predicted = try server.post("/v1/models/m:predict", #"{"instances":[[1,0,0]]}"#)
    #expect(predicted.headers.contains { $0.0 == "X-Martlet-Version" && $0.1 == "2" })
    #expect(try server.admin("DELETE", Self.path).status == 204)
    #expect(try server.admin("GET", Self.path).status == 404)
  }

  @Test func conflictsComeWithThePresentState() throws {
    #expect(try server.admin("PUT", Self.path, #"{"version": 2}"#).status == 200)
    let version = try server.admin("PUT", Self.path, #"{"version": 3, "expected_version": 1}"#)
    #expect(version.status == 409)
    #expect(version.text.contains(#""code":"alias_changed"}"#))
    #expect(version.text.hasSuffix(#","alias":{"name":"stable","version":2,"revision":1}}"#))
    #expect(tag(version) == "\"1\"")
    for value in ["\"7\"", "\"0\""] {
      let answer = try server.admin(
        "PUT",
        Self.path,
        #"{"version": 3}"#,
        headers: [("If-Match", value)]
      )
      #expect(answer.status == 412)
    }
    let none = try server.admin(
      "PUT",
      "/models/m/aliases/new",
      #"{"version":1,"expected_version":2}"#
    )
    #expect(none.status == 409 && none.text.hasSuffix(#","alias":null}"#))
    for (headers, body) in [
      ([("If-None-Match", "*")], #"{"version": 3}"#),
      ([], #"{"version": 3, "expected_version": null}"#),
    ] {
      #expect(try server.admin("PUT", Self.path, body, headers: headers).status == 409)
    }
    let created = try server.admin(
      "PUT",
      "/models/m/aliases/new",
      #"{"version": 3}"#,
      headers: [("If-None-Match", "*")]
    )
    #expect(created.status == 200)
    #expect(
      try server.admin("DELETE", Self.path, nil, headers: [("If-Match", "\"9\"")]).status == 412
    )
  }

  @Test func badRequestsNameWhatIsWrong() throws {
    for (body, status, text) in [
      ("", 400, "expected"), ("[]", 400, "the body must be an object, found an array"),
      ("{}", 400, "'version' is missing"), (#"{"version": 0}"#, 400, "'version' must be"),
      (#"{"version": 1.5}"#, 400, "'version' must be"),
      (#"{"version": "3"}"#, 400, "found '3'"),
      (#"{"version": 1e300}"#, 400, "'version' must be"),
      (#"{"version": 1, "verison": 2}"#, 400, "'verison' is not known here"),
      (#"{"version": 1, "canary": {"version": 2}}"#, 400, "'canary.percent' is missing"),
      (#"{"version": 1, "canary": {"version": 2, "percent": 101}}"#, 400, "'canary.percent'"),
      (#"{"version": 1, "canary": {"version": 2, "percent": NaN}}"#, 400, "'canary.percent'"),
      (#"{"version": 1, "canary": {"version": 2, "percent": 5, "x": 1}}"#, 400, "'canary.x'"),
      (#"{"version": 1, "expected_version": -1}"#, 400, "'expected_version' must be"),
      (#"{"version": 9}"#, 404, "has no version 9; versions are 4, 3, 2, 1"),
      (#"{"version": 4}"#, 422, "could not be loaded: "),
    ] {
      let answer = try server.admin("PUT", Self.path, body)
      #expect(answer.status == status, "\(body)")
      #expect(answer.text.contains(text), "\(body): \(answer.text)")
    }
    for tag in ["7", "\"x\"", "\"\"", "\"1\", \"2\"", "W/\"1\""] {
      let answer = try server.admin(
        "PUT",
        Self.path,
        #"{"version":1}"#,
        headers: [("If-Match", tag)]
      )
      #expect(answer.status == 400, "\(tag)")
    }
    let both = try server.admin(
      "PUT",
      Self.path,
      #"{"version":1,"expected_version":1}"#,
      headers: [("If-Match", "*")]
    )
    #expect(both.status == 400)
    #expect(try server.admin("PUT", "/models/none/aliases/stable", #"{"version":1}"#).status == 404)
    #expect(try server.admin("PUT", "/models/m/aliases/.x", #"{"version":1}"#).status == 400)
    #expect(try server.admin("POST", "\(Self.path)/rollback").status == 404)
    #expect(try server.admin("POST", "\(Self.path)/rollback", #"{"version":1}"#).status == 400)
    #expect(try server.admin("GET", "/models/m/aliases").text == #"{"object":"list","data":[]}"#)
    #expect(
      try server.admin("GET", "/audit").text == #"{"object":"list","data":[],"has_more":false}"#
    )
  }

  @Test func aLargeBodyIsNotRead() throws {
    let body = "{\"version\": 1\(String(repeating: " ", count: 5000))}"
    #expect(try server.admin("PUT", Self.path, body).status == 413)
  }

  @Test func theAuditLogIsReadInPages() throws {
    for version in [1, 2, 3, 2, 1] {
      #expect(try server.admin("PUT", Self.path, "{\"version\": \(version)}").status == 200)
    }
    let page = try server.admin("GET", "/audit?limit=2").text
    #expect(page.contains(#""sequence":5,"#) && page.contains(#""sequence":4,"#))
    #expect(page.hasSuffix(#"],"has_more":true,"last_id":4}"#))
    #expect(
      page.contains(#""action":"set","model":"m","alias":"stable","from":2,"from_revision":4,"#)
    )
    #expect(page.contains("\"actor\":\"token "))
    #expect(!page.contains(ServiceServer.token))
    let rest = try server.admin("GET", "/audit?after=2&order=desc&model=m").text
    #expect(rest.contains(#""sequence":1,"#) && rest.hasSuffix(#"],"has_more":false,"last_id":1}"#))
    #expect(try server.admin("GET", "/audit?order=asc&after=4").text.contains(#""sequence":5,"#))
    for query in ["limit=0", "limit=101", "limit=x", "after=-1", "order=up", "after="] {
      #expect(try server.admin("GET", "/audit?\(query)").status == 400, "\(query)")
    }
  }

  @Test func aCanaryIsSeenFromOutside() throws {
    #expect(
      try server.admin("PUT", Self.path, #"{"version":1,"canary":{"version":2,"percent":50}}"#)
        .status == 200
    )
    func version(_ path: String, _ sticky: String?) throws -> String? {
      try server.post(
        path,
        #"{"instances":[[1,0,0]]}"#,
        headers: sticky.map { [("x-MARTLET-sticky", $0)] } ?? []
      ).headers.first { $0.0 == "X-Martlet-Version" }?.1
    }
    for path in ["/v1/models/m:predict", "/v1/models/m/labels/stable:predict"] {
      #expect(Set(try (0..<64).map { _ in try version(path, nil) }) == ["1", "2"])
      var sides: Set<String?> = []
      for user in 0..<16 {
        let side = try version(path, "user-\(user)")
        for _ in 0..<3 { #expect(try version(path, "user-\(user)") == side) }
        sides.insert(side)
      }
      #expect(sides == ["1", "2"])
    }
    #expect(try version("/v1/models/m/versions/1:predict", "user-1") == "1")
  }
}

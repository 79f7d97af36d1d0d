import HTTP
import Testing

@testable import Service

@Suite struct AdminAccessTests {
  static let path = "/admin/v1/models/plain/aliases"
  static let good = ("Authorization", "Bearer \(ServiceServer.token)")

  func status(
    of headers: [(String, String)],
    _ server: ServiceServer,
    _ path: String = path
  ) throws -> Int {
    try server.client().send("GET", path, headers: headers).status
  }

  @Test func onlyTheTokenOpensTheDoor() throws {
    let server = try ServiceServer()
    #expect(try status(of: [Self.good], server) == 200)
    #expect(try status(of: [("Authorization", "bearer \(ServiceServer.token)")], server) == 200)
    for wrong in [
      "", "Bearer", "Bearer ", "Basic \(ServiceServer.token)", "Bearer x\(ServiceServer.token)",
      "Bearer \(ServiceServer.token)x", "Bearer \(ServiceServer.token.dropLast())",
      "Bearer \(ServiceServer.token.uppercased())",
    ] {
      #expect(try status(of: [("Authorization", wrong)], server) == 401, "\(wrong)")
    }
    #expect(try status(of: [], server) == 401)
  }

  @Test func everyAdminRouteAsksForTheTokenAndSoDoPathsThatAreNone() throws {
    let server = try ServiceServer()
    for endpoint in AdminEndpoint.allCases {
      let path = endpoint.route.template
        .replacing("{model}", with: "plain").replacing("{alias}", with: "stable")
        .replacing("{file}", with: "file-1").replacing("{job}", with: "ftjob-1")
      let answer = try server.client().send(
        "\(endpoint.route.method.name)",
        path,
        body: endpoint.route.method == .get ? nil : Array("{}".utf8)
      )
      #expect(answer.status == 401, "\(endpoint)")
      #expect(answer.text.contains("\"code\":\"token_missing\""))
      #expect(answer.headers.contains { $0.0.lowercased() == "www-authenticate" })
    }
    #expect(try status(of: [], server, "/admin/v1/nothing") == 401)
  }

  @Test func aForeignHostOrAWebPageIsRefusedOnLoopback() throws {
    let server = try ServiceServer()
    for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "10.0.0.1"]
    {
      #expect(try raw(server, host: host).status == 403, "\(host)")
    }
    for host in ["localhost", "LOCALHOST:8080", "127.0.0.1", "[::1]", "[::1]:80"] {
      #expect(try raw(server, host: host).status == 200, "\(host)")
    }
    #expect(try status(of: [Self.good, ("Origin", "https://evil.example")], server) == 403)
  }

  private func raw(_ server: ServiceServer, host: String) throws -> ClientResponse {
    let client = server.client()
    try client.sendRaw(
      Array(
        "GET \(Self.path) HTTP/1.1\r\nHost: \(host)\r\nAuthorization: \(Self.good.1)\r\n\r\n".utf8
      )
    )
    return try client.receive()
  }

  @Test func exposedRoutesTakeAnyHostAndRoutesThatAreOffTakeNone() throws {
    let exposed = try ServiceServer(adminExposure: .everywhere)
    #expect(try raw(exposed, host: "models.example").status == 200)
    #expect(try status(of: [], exposed) == 401)
    let off = try ServiceServer(adminExposure: .off)
    #expect(try status(of: [Self.good], off) == 403)
  }

  @Test func aBodyWithoutTheTokenIsNotRead() throws {
    let server = try ServiceServer()
    let client = server.client()
    try client.sendRaw(
      Array(
        "POST \(Self.path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n".utf8
      )
    )
    #expect(try client.receive().status == 401)
    #expect(try client.waitForClose())
  }

  @Test(arguments: [
    "/%61dmin/v1/files", "/admin%2Fv1/files", "//admin/v1/files", "/admin/v1/files",
    "/admin/v1/%66iles", "/%61dmin/v1/fine_tuning/jobs",
  ])
  func noSpellingOfAPathGetsPastTheToken(path: String) throws {
    let server = try ServiceServer()
    let answer = try server.get(path)
    #expect(answer.status == 401 || answer.status == 400 || answer.status == 404, "\(answer.text)")
  }
}

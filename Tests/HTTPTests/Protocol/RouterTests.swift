import Testing

@testable import HTTP

@Suite struct RouterTests {
  private let router: Router
  private let predict: Int
  private let predictVersion: Int
  private let status: Int
  private let metadata: Int

  init() {
    var router = Router()
    predict = router.add(.post, "/v1/models/{model}:predict")
    predictVersion = router.add(.post, "/v1/models/{model}/versions/{version}:predict")
    status = router.add(.get, "/v1/models/{model}")
    metadata = router.add(.get, "/v1/models/{model}/metadata")
    router.add(.delete, "/v1/models/{model}")
    router.add(.get, "/v1/models/stats")
    router.add(.get, "/")
    router.add(.get, "/v2/")
    self.router = router
  }

  private func match(_ target: String, _ method: String = "GET") throws -> Router.Match {
    let parsed = try ParsedRequest.get(target, method: method)
    return router.match(parsed.request)
  }

  @Test func verbIsSplitFromTheLastSegment() throws {
    let parsed = try ParsedRequest.get("/v1/models/digits:predict", method: "POST")
    #expect(router.match(parsed.request) == .route(predict))
    #expect(parsed.request.parameter(0) == "digits")
  }

  @Test func parametersComeInOrder() throws {
    let parsed = try ParsedRequest.get("/v1/models/m/versions/12:predict?x=1", method: "POST")
    #expect(router.match(parsed.request) == .route(predictVersion))
    #expect(parsed.request.parameter(0) == "m")
    #expect(parsed.request.parameter(1) == "12")
    #expect(parsed.request.withParameter(1) { $0.decimal } == 12)
  }

  @Test func parametersAreDecodedOnce() throws {
    let parsed = try ParsedRequest.get("/v1/models/a%20b%2541")
    #expect(router.match(parsed.request) == .route(status))
    #expect(parsed.request.parameter(0) == "a b%41")
  }

  @Test func encodedColonIsNoVerb() throws {
    let parsed = try ParsedRequest.get("/v1/models/m%3Apredict")
    #expect(router.match(parsed.request) == .route(status))
    #expect(parsed.request.parameter(0) == "m:predict")
  }

  @Test func literalsWinOverParameters() throws {
    #expect(try match("/v1/models/stats") == .route(5))
    #expect(try match("/v1/models/stat") == .route(status))
    #expect(try match("/v1/models/m/metadata") == .route(metadata))
  }

  @Test func literalSegmentsMatchTheirEncodedForm() throws {
    #expect(try match("/v1/%6dodels/m") == .route(status))
  }

  @Test(arguments: [
    "/v1/models", "/v1/models/", "/v1/models/m/", "/v1//m", "/x", "/v1/models/m:unknown",
    "/v1/models/:predict", "/v1/models/m/versions/1", "/V1/models/m", "/v2",
    "/v1/models/a:b:predict",
  ])
  func unknownPathIsNotFound(path: String) throws {
    #expect(try match(path) == .notFound)
  }

  @Test func rootAndTrailingSlashAreRoutesOfTheirOwn() throws {
    #expect(try match("/") == .route(6))
    #expect(try match("/v2/") == .route(7))
  }

  @Test func wrongMethodNamesThoseAllowed() throws {
    #expect(try match("/v1/models/m", "PUT") == .methodNotAllowed(allow: "GET, HEAD, DELETE"))
    #expect(try match("/v1/models/m:predict") == .methodNotAllowed(allow: "POST"))
  }

  @Test func headUsesTheRouteOfGet() throws {
    #expect(try match("/v1/models/m", "HEAD") == .route(status))
    #expect(try match("/v1/models/m:predict", "HEAD") == .methodNotAllowed(allow: "POST"))
  }

  @Test func asteriskMatchesNothing() throws {
    #expect(try match("*", "OPTIONS") == .notFound)
  }

  @Test func listsItsRoutes() {
    #expect(router.routes.count == 8)
    #expect(router.routes[predict].template.text == "/v1/models/{model}:predict")
    #expect(router.routes[predictVersion].template.parameterNames == ["model", "version"])
    #expect(router.routes[predict].method == .post)
  }
}

/// The one table of routes: method and path template to a route number.
///
/// Build it once at start; matching allocates nothing. `HEAD` is answered by the route of `GET`
/// (RFC 9110 §9.3.2) unless it has its own.
package struct Router: Sendable {
  /// One row of the table.
  package struct Route: Sendable {
    /// The row's number, counted from 0 in the order of `add`.
    package let id: Int
    /// The method.
    package let method: Method
    /// The path template.
    package let template: RouteTemplate
  }

  /// What a request matched.
  package enum Match: Equatable {
    /// The number of the route; its parameters are in the request.
    case route(Int)
    /// No template matches the path: 404.
    case notFound
    /// The path exists but not for this method: 405 with this value for `Allow`
    /// (RFC 9110 §15.5.6).
    case methodNotAllowed(allow: String)
  }

  /// All routes in the order of `add`.
  package private(set) var routes: [Route] = []
  /// Routes by number of segments, the most specific first.
  private var bySegmentCount: [[Route]] = []

  /// An empty table.
  package init() {}

  /// Adds a route and answers its number.
  @discardableResult
  package mutating func add(_ method: Method, _ template: String) -> Int {
    let route = Route(id: routes.count, method: method, template: RouteTemplate(template))
    precondition(
      !routes.contains { $0.method == method && $0.template == route.template },
      "route \(method.name) \(template) is there twice"
    )
    routes.append(route)
    let count = route.template.segments.count
    while bySegmentCount.count <= count { bySegmentCount.append([]) }
    let specificity = route.template.specificity
    let position =
      bySegmentCount[count].firstIndex {
        specificity.lexicographicallyPrecedes($0.template.specificity)
      } ?? bySegmentCount[count].endIndex
    bySegmentCount[count].insert(route, at: position)
    return route.id
  }

  /// Finds the route of a request and leaves its number and parameters in it.
  package func match(_ request: Request) -> Match {
    let match = find(request)
    if case .route(let id) = match { request.routeID = id }
    return match
  }

  private func find(_ request: Request) -> Match {
    let count = request.segmentCount
    guard count < bySegmentCount.count else { return .notFound }
    var headFallback: Int?
    var pathMatches = false
    for route in bySegmentCount[count] where route.template.matches(request) {
      if route.method == request.method { return .route(route.id) }
      pathMatches = true
      if request.method == .head, route.method == .get, headFallback == nil {
        headFallback = route.id
      }
    }
    if let headFallback {
      _ = routes[headFallback].template.matches(request)
      return .route(headFallback)
    }
    return pathMatches ? .methodNotAllowed(allow: allowedMethods(request)) : .notFound
  }

  /// The methods that exist for the request's path, as `Allow` lists them; empty when none do.
  package func allowedMethods(_ request: Request) -> String {
    guard request.segmentCount < bySegmentCount.count else { return "" }
    var methods: Set<Method> = []
    for route in bySegmentCount[request.segmentCount] where route.template.matches(request) {
      methods.insert(route.method)
    }
    if methods.contains(.get) { methods.insert(.head) }
    return Method.allCases.filter(methods.contains).map { "\($0.name)" }.joined(separator: ", ")
  }
}

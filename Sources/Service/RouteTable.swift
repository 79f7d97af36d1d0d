package import HTTP

/// Every route of the service, in the order of openapi.yaml; a test compares the two.
package enum RouteTable {
  /// What a route does.
  package enum Endpoint: Sendable, Equatable {
    case index
    case live
    case ready
    case openAPI
    case models
    case status(Target)
    case metadata(Target)
    case predict(Target)
    case classify(Target)
    case regress(Target)
    case qValues(Target)
    case sequence(Target)
    case caption(Target)
    case stream
    case generate(Target, isStream: Bool)
    case giveFeedback
    case feedback
    case metrics
    case admin(AdminEndpoint)
  }

  /// What the second path parameter selects; the first is the model.
  package enum Target: Sendable, Equatable, CaseIterable {
    case latest
    case version
    case label

    /// The part of the path behind `/v1/models` or `/v2/models`.
    var path: String {
      switch self {
      case .latest: "/{model}"
      case .version: "/{model}/versions/{version}"
      case .label: "/{model}/labels/{label}"
      }
    }
  }

  /// A row of the table.
  package struct Row: Sendable {
    package let method: HTTP.Method
    package let template: String
    package let endpoint: Endpoint
  }

  /// All rows.
  package static let rows: [Row] = {
    var rows = [
      Row(method: .get, template: "/", endpoint: .index),
      Row(method: .get, template: "/healthz", endpoint: .live),
      Row(method: .get, template: "/readyz", endpoint: .ready),
      Row(method: .get, template: "/openapi.yaml", endpoint: .openAPI),
      Row(method: .get, template: "/metrics", endpoint: .metrics),
      Row(method: .get, template: "/v1/models", endpoint: .models),
    ]
    for target in Target.allCases {
      let path = "/v1/models\(target.path)"
      rows += [
        Row(method: .get, template: path, endpoint: .status(target)),
        Row(method: .get, template: "\(path)/metadata", endpoint: .metadata(target)),
        Row(method: .post, template: "\(path):predict", endpoint: .predict(target)),
        Row(method: .post, template: "\(path):classify", endpoint: .classify(target)),
        Row(method: .post, template: "\(path):regress", endpoint: .regress(target)),
        Row(method: .post, template: "\(path):qvalues", endpoint: .qValues(target)),
        Row(method: .post, template: "\(path):sequence", endpoint: .sequence(target)),
        Row(method: .post, template: "\(path):caption", endpoint: .caption(target)),
      ]
    }
    rows += [
      Row(method: .post, template: "/v1/models/{model}:feedback", endpoint: .giveFeedback),
      Row(method: .get, template: "/v1/models/{model}/feedback", endpoint: .feedback),
    ]
    rows.append(Row(method: .get, template: "/v1/streams/{stream}", endpoint: .stream))
    for target in [Target.latest, .version] {
      let path = "/v2/models\(target.path)"
      rows += [
        Row(
          method: .post,
          template: "\(path)/generate",
          endpoint: .generate(target, isStream: false)
        ),
        Row(
          method: .post,
          template: "\(path)/generate_stream",
          endpoint: .generate(target, isStream: true)
        ),
      ]
    }
    for endpoint in AdminEndpoint.allCases {
      let (method, template) = endpoint.route
      rows.append(Row(method: method, template: template, endpoint: .admin(endpoint)))
    }
    return rows
  }()
}

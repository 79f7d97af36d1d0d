import Foundation
import HTTP
import Service
import Testing

/// openapi.yaml is the contract: it says the same as the route table and as what the server answers.
@Suite struct RouteTests {
  /// `method template` of each operation in openapi.yaml, read line by line: paths are indented by two, methods by four.
  static func operations(in yaml: String) -> Set<String> {
    let methods: Set = ["get", "put", "post", "delete", "patch", "head", "options", "query"]
    var result: Set<String> = []
    var isInPaths = false
    var path = ""
    for line in yaml.split(separator: "\n") {
      let indentation = line.prefix { $0 == " " }.count
      let text = line.dropFirst(indentation)
      if indentation == 0 { isInPaths = text == "paths:" }
      guard isInPaths else { continue }
      if indentation == 2, text.hasPrefix("/"), text.hasSuffix(":") { path = String(text.dropLast()) }
      let key = String(text.prefix { $0 != ":" })
      if indentation == 4, methods.contains(key) { result.insert("\(key) \(path)") }
    }
    return result
  }

  static func document() throws -> String {
    try String(contentsOf: SourceTree.root.appendingPathComponent("openapi.yaml"), encoding: .utf8)
  }

  @Test func everyRouteIsDocumentedAndEveryDocumentedRouteExists() throws {
    let routes = Set(RouteTable.rows.map { "\($0.method.name)".lowercased() + " \($0.template)" })
    let documented = Self.operations(in: try Self.document())
    #expect(routes.count == RouteTable.rows.count)
    #expect(routes.subtracting(documented) == [], "not in openapi.yaml")
    #expect(documented.subtracting(routes) == [], "not in the route table")
  }

  /// `MARTLET_REGENERATE=1 swift test --filter RouteTests` writes the copy anew.
  @Test func theServerAnswersWithThisDocument() throws {
    let yaml = try Self.document()
    if ProcessInfo.processInfo.environment["MARTLET_REGENERATE"] != nil {
      let target = SourceTree.root.appendingPathComponent("Sources/Service/OpenAPIDocument.swift")
      try Self.source(yaml).write(to: target, atomically: true, encoding: .utf8)
    } else {
      #expect("\(OpenAPIDocument.text)" == yaml, "run MARTLET_REGENERATE=1 swift test --filter RouteTests")
    }
  }

  static func source(_ yaml: String) -> String {
    """
    // swift-format-ignore-file
    /// A copy of openapi.yaml, as resources cannot be found from a moved binary. Do not edit: see `RouteTests`.
    package enum OpenAPIDocument {
      /// The document.
      package static let text: StaticString = #\"""
    \(yaml)
    \"""#
    }

    """
  }
}

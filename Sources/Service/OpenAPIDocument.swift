/// openapi.yaml.
package enum OpenAPIDocument {
  package static let text: StaticString = ""
}

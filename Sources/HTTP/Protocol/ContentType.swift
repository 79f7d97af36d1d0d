/// The media type of a response body.
package struct ContentType: Sendable {
  let value: StaticString

  /// The media type with this name.
  package init(_ value: StaticString) {
    self.value = value
  }

  package static let json = ContentType("application/json")
  package static let text = ContentType("text/plain; charset=utf-8")
  package static let html = ContentType("text/html; charset=utf-8")
  package static let yaml = ContentType("application/yaml")
  package static let octetStream = ContentType("application/octet-stream")
  package static let eventStream = ContentType("text/event-stream; charset=utf-8")
  package static let prometheus = ContentType("text/plain; version=0.0.4; charset=utf-8")
  /// No `Content-Type` line, for responses without a body.
  package static let none = ContentType("")
}

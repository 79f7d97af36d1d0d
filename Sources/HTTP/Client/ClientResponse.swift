/// A response as the client received it.
package struct ClientResponse: Sendable {
  /// The status code.
  package var status = 0
  /// Names and values in order.
  package var headers: [(name: String, value: String)] = []
  /// The body, chunks joined.
  package var body: [UInt8] = []
  /// Whether the server will close the connection.
  package var closes = false

  /// The body as text.
  package var text: String { String(decoding: body, as: UTF8.self) }

  /// The value of the first header with this lower-case name.
  package subscript(_ lowercaseName: String) -> String? {
    headers.first { $0.name.lowercased() == lowercaseName }?.value
  }
}

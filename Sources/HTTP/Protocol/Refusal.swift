/// An answer given before the request's body is read, or read to its end; the connection closes.
package struct Refusal: Error, Sendable {
  package let status: Status
  let contentType: ContentType
  let headers: ResponseHeaders
  package let body: [UInt8]

  package init(
    _ status: Status,
    _ contentType: ContentType,
    headers: ResponseHeaders = .none,
    body: [UInt8]
  ) {
    self.status = status
    self.contentType = contentType
    self.headers = headers
    self.body = body
  }
}

/// Writes a `multipart/form-data` body (RFC 7578) whose files stay on the disk until they are sent.
package struct MultipartForm {
  private let boundary: String
  private var body = UploadBody()

  /// An empty form.
  ///
  /// - Parameter boundary: A line `--boundary` must not occur in any value; the default is random.
  package init(boundary: String = "martlet-\(UInt64.random(in: 0 ... .max))") {
    self.boundary = boundary
  }

  /// The value of the request's `Content-Type`.
  package var contentType: String { "multipart/form-data; boundary=\"\(boundary)\"" }

  /// Adds a plain field.
  package mutating func append(_ name: String, _ value: String) {
    appendHeader("name=\"\(Self.escaped(name))\"")
    body.append(Array("\(value)\r\n".utf8))
  }

  /// Adds a file; the server sees the last part of its path as its name.
  package mutating func append(_ name: String, file path: String) throws(HTTPClient.Failure) {
    var content = UploadBody()
    try content.append(file: path)
    append(name, filename: path.split(separator: "/").last.map(String.init) ?? path, content)
  }

  /// Adds a file whose bytes are put together while they are sent.
  package mutating func append(_ name: String, filename: String, _ content: UploadBody) {
    appendHeader(
      "name=\"\(Self.escaped(name))\"; filename=\"\(Self.escaped(filename))\"\r\nContent-Type: application/octet-stream"
    )
    body.append(content)
    body.append(Array("\r\n".utf8))
  }

  /// The whole body.
  package consuming func finished() -> UploadBody {
    body.append(Array("--\(boundary)--\r\n".utf8))
    return body
  }

  private mutating func appendHeader(_ rest: String) {
    body.append(Array("--\(boundary)\r\nContent-Disposition: form-data; \(rest)\r\n\r\n".utf8))
  }

  /// As browsers write names: quotes and line ends as `%22`, `%0D`, `%0A`.
  private static func escaped(_ name: String) -> String {
    var output = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "\"": output += "%22"
      case "\r": output += "%0D"
      case "\n": output += "%0A"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }
}

package import HTTP

/// Asks the admin routes of a running server, each request on a connection of its own, so that none is ever sent twice.
package struct FineTuningClient: Sendable {
  package let address: ServerAddress
  private let token: String

  /// Time to connect and send, and then to wait for an answer, seconds.
  package static let requestSeconds = 30.0
  /// Time for each piece of an upload, and for the answer to all of it, seconds.
  package static let uploadSeconds = 120.0
  /// Time that a stream of events may be silent, seconds; the server sends a comment more often.
  package static let silenceSeconds = 60.0
  /// Jobs that are listed.
  package static let jobCountMax = 50
  /// Bytes of an error's text that are read from a stream.
  private static let errorByteCountMax = 1 << 16

  /// A client with this admin token, which must be visible ASCII: it goes into a header as it is.
  package init(_ address: ServerAddress, token: String) {
    self.address = address
    self.token = token
  }

  // MARK: - Files

  /// Uploads examples; `progress` hears how many bytes of `byteCount` are sent.
  ///
  /// - Returns: The id of the file.
  package func upload(
    _ examples: ExampleUpload,
    progress: (_ sent: Int, _ byteCount: Int) -> Void
  ) throws(ClientProblem) -> String {
    var form = MultipartForm()
    form.append("purpose", "fine-tune")
    form.append("file", filename: examples.filename, examples.content)
    let contentType = form.contentType
    let body = form.finished()
    let answer = try answer(seconds: Self.uploadSeconds) { client throws(HTTPClient.Failure) in
      try client.send(
        "POST",
        "/admin/v1/files",
        headers: headers + [("Content-Type", contentType)],
        upload: body
      ) { progress($0, body.count) }
    }
    return try Self.member("id", of: answer)
  }

  // MARK: - Jobs

  /// Starts a job.
  ///
  /// - Returns: Its document.
  package func create(_ order: FineTuningOrder) throws(ClientProblem) -> JSONValue {
    try send("POST", Self.jobs, order.body)
  }

  /// Asks a job to stop.
  package func cancel(_ id: String) throws(ClientProblem) -> JSONValue {
    try send("POST", try Self.path(of: id) + "/cancel")
  }

  /// The newest jobs, at most `jobCountMax`.
  package func list() throws(ClientProblem) -> JSONValue {
    try send("GET", "\(Self.jobs)?limit=\(Self.jobCountMax)")
  }

  /// Opens the stream of a job's events behind the one with this id, or from the first.
  package func events(
    of id: String,
    after lastEventID: String?
  ) throws(ClientProblem) -> ClientEventStream {
    let path = try Self.path(of: id) + "/events"
    var headers = headers + [("Accept", "text/event-stream")]
    // An id is the server's; one that would break the header is not repeated.
    if let lastEventID, lastEventID.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
      headers.append(("Last-Event-ID", lastEventID))
    }
    let stream: ClientStream
    var body: [UInt8] = []
    do throws(HTTPClient.Failure) {
      stream = try client(Self.silenceSeconds).open("GET", path, headers: headers)
      if stream.status == 200 { return ClientEventStream(stream, lastEventID: lastEventID) }
      while body.count < Self.errorByteCountMax, let piece = try stream.read() { body += piece }
    } catch { throw ClientProblem(error, address) }
    throw ClientProblem(status: stream.status, body)
  }

  // MARK: - Aliases

  /// Lets an alias name again the version that it named before.
  package func rollBack(_ model: String, alias: String) throws(ClientProblem) -> JSONValue {
    for name in [model, alias] where !ModelName.isValid(name) {
      throw ClientProblem(
        "'\(name)' is no name: 1 to \(ModelName.byteCountMax) of A-Z a-z 0-9 . _ - without a leading dot"
      )
    }
    return try send("POST", "/admin/v1/models/\(model)/aliases/\(alias)/rollback")
  }

  // MARK: - Requests

  private static let jobs = "/admin/v1/fine_tuning/jobs"
  /// Bytes of a job's id.
  private static let idByteCountMax = 128

  /// Nothing but an id becomes part of a path.
  private static func path(of id: String) throws(ClientProblem) -> String {
    let isID = id.utf8.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
      default: false
      }
    }
    guard isID, (1...idByteCountMax).contains(id.utf8.count) else {
      throw ClientProblem("'\(id.prefix(idByteCountMax))' is no job's id, such as ftjob-abc123")
    }
    return "\(jobs)/\(id)"
  }

  private var headers: [(String, String)] { [("Authorization", "Bearer \(token)")] }

  private func client(_ seconds: Double) -> HTTPClient {
    HTTPClient(host: address.host, port: address.port, timeoutSeconds: seconds)
  }

  private func send(
    _ method: String,
    _ path: String,
    _ body: JSONValue? = nil
  ) throws(ClientProblem) -> JSONValue {
    // A POST without a body says so.
    let bytes = body?.bytes ?? (method == "POST" ? [] : nil)
    let type = body == nil ? [] : [("Content-Type", "application/json")]
    return try answer(seconds: Self.requestSeconds) { client throws(HTTPClient.Failure) in
      try client.send(method, path, headers: headers + type, body: bytes)
    }
  }

  private func answer(
    seconds: Double,
    _ exchange: (HTTPClient) throws(HTTPClient.Failure) -> ClientResponse
  ) throws(ClientProblem) -> JSONValue {
    let response: ClientResponse
    do throws(HTTPClient.Failure) {
      response = try exchange(client(seconds))
    } catch { throw ClientProblem(error, address) }
    guard (200..<300).contains(response.status) else {
      throw ClientProblem(status: response.status, response.body)
    }
    return try Self.value(response.body)
  }

  /// Reads an answer.
  static func value(_ text: [UInt8]) throws(ClientProblem) -> JSONValue {
    let read = text.withUnsafeBytes { text in
      Result { () throws(JSONError) in try JSONValueReader.read(text) }
    }
    switch read {
    case .success(let value): return value
    case .failure(let error):
      throw ClientProblem(
        status: 200,
        "the server's answer is no JSON, byte \(error.offset): \(error.reason)"
      )
    }
  }

  /// A string that an answer must have.
  package static func member(_ key: String, of value: JSONValue) throws(ClientProblem) -> String {
    guard let text = value[key]?.text else {
      throw ClientProblem(status: 200, "the server's answer has no '\(key)'")
    }
    return text
  }
}

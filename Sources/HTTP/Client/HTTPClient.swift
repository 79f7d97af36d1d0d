internal import Glibc

/// A small blocking HTTP/1.1 client over one connection, for health checks, benchmarks and tests.
///
/// Not for many threads at once: use one client per thread.
package final class HTTPClient {
  /// What went wrong.
  package enum Failure: Error, Equatable {
    /// No connection, or it broke.
    case socket(SocketError)
    /// The deadline passed.
    case timeout
    /// The server closed before the response was complete.
    case closed
    /// The response is not HTTP as we know it.
    case malformed(String)
    /// A file to be sent cannot be read.
    case file(String)
  }

  private let host: String
  private let port: UInt16
  private let timeout: Double
  private var socket: ClientSocket?
  private var input = ByteBuffer()

  /// A client that connects on its first request; sending one and waiting for its response may take
  /// `timeoutSeconds` each.
  package init(host: String = "127.0.0.1", port: UInt16, timeoutSeconds: Double = 10) {
    self.host = host
    self.port = port
    timeout = timeoutSeconds
  }

  /// Sends a request and waits for the response.
  ///
  /// A kept connection that the server has closed in the meantime is opened again once.
  package func send(
    _ method: String,
    _ path: String,
    headers: [(String, String)] = [],
    body: [UInt8]? = nil
  ) throws(Failure) -> ClientResponse {
    var message = ByteBuffer()
    appendHead(method, path, headers, length: body?.count, to: &message)
    if let body { message.append(body) }
    let isReused = socket != nil
    do throws(Failure) {
      return try exchange(isHead: method == "HEAD") { socket throws(Failure) in
        try socket.write(message.readable, Clock.now().after(timeout))
      }
    } catch {
      let nothingCame = input.isEmpty
      close()
      guard isReused, error == .closed, nothingCame else { throw error }
      return try exchange(isHead: method == "HEAD") { socket throws(Failure) in
        try socket.write(message.readable, Clock.now().after(timeout))
      }
    }
  }

  /// Sends a request whose body comes piece by piece, such as a large file, and waits for the response.
  ///
  /// Each piece may take the client's time, and so may the response. `progress` hears after each piece
  /// how many bytes of the body are sent.
  package func send(
    _ method: String,
    _ path: String,
    headers: [(String, String)] = [],
    upload: UploadBody,
    progress: (Int) -> Void = { _ in }
  ) throws(Failure) -> ClientResponse {
    // A fresh connection: half an upload cannot be repeated like a small request.
    close()
    var message = ByteBuffer()
    appendHead(method, path, headers, length: upload.count, to: &message)
    return try exchange(isHead: method == "HEAD") { socket throws(Failure) in
      try socket.write(message.readable, Clock.now().after(timeout))
      try upload.write(to: socket, timeout: timeout, progress: progress)
    }
  }

  /// Sends a request and answers when the head of its response is there; the body is read from that.
  ///
  /// The stream has a connection of its own; the client's next request opens another.
  package func open(
    _ method: String,
    _ path: String,
    headers: [(String, String)] = [],
    body: [UInt8]? = nil
  ) throws(Failure) -> ClientStream {
    close()
    var message = ByteBuffer()
    appendHead(method, path, headers, length: body?.count, to: &message)
    if let body { message.append(body) }
    let deadline = Clock.now().after(timeout)
    let socket = try ClientSocket(host: host, port: port, deadline)
    try socket.write(message.readable, deadline)
    var input = ByteBuffer()
    while true {
      var parser = ResponseParser(isHead: method == "HEAD")
      while true {
        if let length = try parser.parseHead(input) {
          input.consume(length)
          break
        }
        try socket.read(into: &input, deadline)
      }
      // RFC 9110 §15.2: interim responses precede the final one.
      guard parser.response.status >= 200 else { continue }
      return ClientStream(
        parser.response,
        parser.makePieces(),
        socket: socket,
        input: input,
        timeout: timeout
      )
    }
  }

  /// Sends bytes as they are: requests that a well-behaved client would not make.
  package func sendRaw(_ bytes: [UInt8]) throws(Failure) {
    let deadline = Clock.now().after(timeout)
    try connect(deadline)
    var message = ByteBuffer()
    message.append(bytes)
    try socket?.write(message.readable, deadline)
  }

  /// Waits for the next response on the connection.
  package func receive(isHead: Bool = false) throws(Failure) -> ClientResponse {
    try readResponse(isHead: isHead, Clock.now().after(timeout))
  }

  /// Waits until the server closes; false if it sends something first.
  package func waitForClose() throws(Failure) -> Bool {
    guard input.isEmpty, let socket else { return false }
    do throws(Failure) {
      try socket.read(into: &input, Clock.now().after(timeout))
      return false
    } catch {
      guard error == .closed else { throw error }
      return true
    }
  }

  /// Sends no more but keeps reading.
  package func closeWriting() { socket?.closeWriting() }

  /// Closes the connection; the next request opens another.
  package func close() {
    socket = nil
    input.consume(input.count)
  }

  /// Opens the connection now, if there is none.
  package func connect() throws(Failure) { try connect(Clock.now().after(timeout)) }

  private var hostField: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  private func appendHead(
    _ method: String,
    _ path: String,
    _ headers: [(String, String)],
    length: Int?,
    to message: inout ByteBuffer
  ) {
    message.append("\(method) \(path) HTTP/1.1\r\nHost: \(hostField)\r\n")
    for (name, value) in headers { message.append("\(name): \(value)\r\n") }
    if let length { message.append("Content-Length: \(length)\r\n") }
    message.append("\r\n" as StaticString)
  }

  private func connect(_ deadline: Nanoseconds) throws(Failure) {
    if socket == nil { socket = try ClientSocket(host: host, port: port, deadline) }
  }

  private func exchange(
    isHead: Bool,
    write: (ClientSocket) throws(Failure) -> Void
  ) throws(Failure) -> ClientResponse {
    try connect(Clock.now().after(timeout))
    guard let socket else { throw .closed }
    do throws(Failure) {
      try write(socket)
    } catch {
      // The server may have refused early and closed: its answer may still be there.
      guard error == .closed else { throw error }
    }
    let response = try readResponse(isHead: isHead, Clock.now().after(timeout))
    if response.closes { close() }
    return response
  }

  private func readResponse(isHead: Bool, _ deadline: Nanoseconds) throws(Failure) -> ClientResponse
  {
    guard let socket else { throw .closed }
    while true {
      var parser = ResponseParser(isHead: isHead)
      while true {
        if let length = try parser.parse(&input) {
          input.consume(length)
          break
        }
        do throws(Failure) {
          try socket.read(into: &input, deadline)
        } catch {
          guard error == .closed, parser.endsWithConnection else { throw error }
          parser.bodyEnded(input)
          input.consume(input.count)
          break
        }
      }
      // RFC 9110 §15.2: interim responses precede the final one.
      if parser.response.status >= 200 { return parser.response }
    }
  }
}

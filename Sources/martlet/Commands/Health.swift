import CommandLineTool
import HTTP

/// `martlet health`: asks a running server whether it is ready; for a container's HEALTHCHECK.
struct Health: Command {
  let specification = CommandSpecification(
    "health",
    "ask a running server whether it is ready: exit code 0 or 1",
    flags: [
      .init("url", value: "URL", "what to ask", default: "http://127.0.0.1:8080/readyz"),
      .init("timeout", value: "SECONDS", "how long to wait", default: "2"),
    ]
  )

  func run(_ arguments: Arguments) throws -> Int32 {
    let url = arguments.string("url") ?? "http://127.0.0.1:8080/readyz"
    let seconds = try arguments.number("timeout", in: 0.1...3600) ?? 2
    let (host, port, path) = try Self.parts(of: url)
    do {
      let response = try HTTPClient(host: host, port: port, timeoutSeconds: seconds)
        .send("GET", path)
      if response.status == 200 { return 0 }
      Terminal.error.write("not ready: \(response.status) \(response.text)\n")
    } catch {
      Terminal.error.write("not reachable: \(error)\n")
    }
    return 1
  }

  /// Splits `http://host:port/path`.
  static func parts(of url: String) throws(UsageError) -> (host: String, port: UInt16, path: String)
  {
    guard url.hasPrefix("http://") else {
      throw UsageError("--url must start with http://, got '\(url)'")
    }
    let rest = url.dropFirst(7)
    let authority = rest.prefix { $0 != "/" }
    let path = rest.dropFirst(authority.count)
    let colon = authority.lastIndex(of: ":").flatMap { authority.hasSuffix("]") ? nil : $0 }
    let host = colon.map { authority[..<$0] } ?? authority[...]
    guard let port = colon.map({ UInt16(authority[authority.index(after: $0)...]) }) ?? 80,
      !host.isEmpty
    else { throw UsageError("--url has no valid host and port: '\(url)'") }
    return (String(host), port, path.isEmpty ? "/readyz" : String(path))
  }
}

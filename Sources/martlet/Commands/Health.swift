import CommandLineTool
import Glibc
import HTTP

/// `martlet health`: asks a running server whether it is ready, until it is or time is up; for a container's HEALTHCHECK.
struct Health: Command {
  let specification = CommandSpecification(
    "health",
    "wait until a running server is ready: exit code 0, or 1 when time is up",
    flags: [
      .init("url", value: "URL", "what to ask", default: "http://127.0.0.1:8080/readyz"),
      .init("timeout", value: "SECONDS", "how long to ask", default: "2"),
    ]
  )

  func run(_ arguments: Arguments) throws -> Int32 {
    let url = arguments.string("url") ?? "http://127.0.0.1:8080/readyz"
    let seconds = try arguments.number("timeout", in: 0.1...3600) ?? 2
    let (host, port, path) = try Self.parts(of: url)
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(seconds)
    var problem: String
    repeat {
      do {
        let left = max((deadline - clock.now) / .seconds(1), Self.pauseSeconds)
        let response = try HTTPClient(host: host, port: port, timeoutSeconds: left)
          .send("GET", path)
        if response.status == 200 { return 0 }
        problem = "not ready: \(response.status) \(response.text)"
      } catch {
        problem = "not reachable: \(error)"
      }
      // Models may still be loading.
      usleep(UInt32(Self.pauseSeconds * 1e6))
    } while clock.now < deadline
    Terminal.error.write("\(problem)\n")
    return 1
  }

  /// Between two questions.
  private static let pauseSeconds = 0.05

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

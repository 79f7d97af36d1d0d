import Dispatch
import HTTP
import Synchronization
import Testing

@testable import Service

/// Versions change places while requests come in.
@Suite struct AliasSwapTests {
  @Test func noRequestFailsWhileAliasesMove() throws {
    let server = try ServiceServer(
      [
        "m/1/model.onnx": "plain 1", "m/1/model.json": "{}",
        "m/2/model.onnx": "plain 2", "m/2/model.json": "{}",
        "m/3/model.onnx": "plain 3", "m/3/model.json": "{}",
        "m/aliases.json": #"{"stable": 1}"#,
      ],
      // Every second swap loads a version and gives one up.
      { $0.loadedVersionsPerModel = 1 }
    )
    let isOver = Atomic<Bool>(false)
    let seen = Mutex<[String: Int]>([:])
    let failures = Mutex<[String]>([])
    let clients = DispatchGroup()
    let port = server.port
    for number in 0..<3 {
      // Threads of their own: other tests may keep those of the global queue busy.
      DispatchQueue(label: "client \(number)").async(group: clients) {
        do {
          let client = HTTPClient(port: port, timeoutSeconds: 20)
          while !isOver.load(ordering: .relaxed) {
            let answer = try client.send(
              "POST",
              "/v1/models/m:predict",
              body: Array(#"{"instances":[[1,0,0]]}"#.utf8)
            )
            let version = answer.headers.first { $0.0 == "X-Martlet-Version" }?.1 ?? "none"
            // The header names the version whose numbers these are.
            let expected = "{\"predictions\":[[\(version).0,\((Int(version) ?? 0) * 2).0]]}"
            if answer.status != 200 || answer.text != expected {
              failures.withLock { $0.append("\(answer.status) \(version) \(answer.text)") }
            }
            seen.withLock { $0[version, default: 0] += 1 }
          }
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
    }
    var swaps = 0
    while swaps < 300 || (swaps < 30_000 && seen.withLock { $0.count } < 3) {
      defer { swaps += 1 }
      switch swaps % 3 {
      case 0: try server.aliases.set("stable", of: "m", to: 2, actor: "me")
      case 1: try server.aliases.rollback("stable", of: "m", actor: "me")
      default:
        try server.aliases.set(
          "stable",
          of: "m",
          to: 1,
          canary: .init(version: 3, percent: 50),
          actor: "me"
        )
      }
    }
    isOver.store(true, ordering: .relaxed)
    clients.wait()
    #expect(failures.withLock { $0 } == [])
    #expect(seen.withLock { Set($0.keys) } == ["1", "2", "3"])
    #expect(try server.aliases.audit(.init(limit: 1)).last == swaps + 1)
  }
}

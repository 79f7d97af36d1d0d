import Glibc
import HTTP
import Synchronization

@testable import Service

/// The whole service over fake models on an ephemeral port; ends when it goes.
final class ServiceServer {
  let folder = TemporaryFolder()
  let loader = FakeLoader()
  let repository: ModelRepository
  let aliases: AliasStore
  let service: Service
  let library: FileLibrary
  let feedback: FeedbackStore
  /// Ids of files that deletion is told to be in use.
  let filesInUse = SharedIDs()
  private let server: Server

  /// Serves a folder of these files, name to content.
  init(
    _ files: [String: String] = ["plain.onnx": "plain"],
    limits: ServiceLimits = ServiceLimits(),
    adminExposure: AdminAccess.Exposure = .loopback,
    keepsFiles: Bool = true,
    _ change: (inout ServiceLimits) -> Void = { _ in }
  ) throws {
    for (name, text) in files { try folder.write(name, text) }
    var limits = limits
    limits.pollSeconds = 0
    change(&limits)
    repository = ModelRepository(root: folder.path, loader: loader, limits: limits)
    var configuration = ServerConfiguration()
    configuration.loopCount = 2
    configuration.limits.drainIdleSeconds = 0.1
    configuration.limits.lingerSeconds = 0.1
    let access = AdminAccess(token: Self.token, exposure: adminExposure)
    library = try FileLibrary(folder: folder.path + "/.martlet/files", limits: limits) {
      [filesInUse] id in filesInUse.ids.withLock { $0.contains(id) }
    }
    feedback = try FeedbackStore(folder: folder.path + "/.martlet/feedback", limits: limits)
    aliases = AliasStore(repository)
    service = Service(
      repository,
      admin: Admin(
        repository,
        aliases: aliases,
        access: access,
        files: keepsFiles ? library : nil
      ),
      feedback: keepsFiles ? feedback : nil,
      loopCount: 2
    )
    server = try Server(configuration, handler: service)
    server.start()
    repository.refresh()
  }

  deinit {
    server.stop()
    server.waitUntilStopped()
  }

  static let token = "the-token-of-the-tests"

  /// Sends an admin request with the token.
  func admin(
    _ method: String,
    _ path: String,
    _ body: String? = nil,
    headers: [(String, String)] = []
  ) throws -> ClientResponse {
    try client().send(
      method,
      "/admin/v1\(path)",
      headers: [("Authorization", "Bearer \(Self.token)")] + headers,
      body: body.map { Array($0.utf8) }
    )
  }

  var port: UInt16 { server.port }

  func client() -> HTTPClient { HTTPClient(port: port, timeoutSeconds: 20) }

  func get(_ path: String) throws -> ClientResponse { try client().send("GET", path) }

  func post(
    _ path: String,
    _ body: String,
    headers: [(String, String)] = []
  ) throws -> ClientResponse {
    try client().send("POST", path, headers: headers, body: Array(body.utf8))
  }

  /// The answer of the model `plain` to one row, computed here.
  static func plain(_ row: [Float], scale: Float = 1) -> [Float] {
    var sum: Float = 0
    var weighted: Float = 0
    for (index, value) in row.enumerated() {
      sum += value
      weighted += value * Float(index)
    }
    return [scale * (1 * sum) + weighted, scale * (2 * sum) + weighted]
  }
}

/// Ids that tests change while a server looks at them.
final class SharedIDs: Sendable {
  let ids = Mutex<Set<String>>([])
}

import GraphIR
import HTTP
import Jobs
import ONNXFormat
import Storage
import Synchronization
import Testing

@testable import Service

/// The service with fine-tuning over real models on an ephemeral port; ends when it goes, its folder when nobody has it any more.
final class TuningServer {
  let folder: TemporaryFolder
  let repository: ModelRepository
  let aliases: AliasStore
  let tuning: FineTuningService
  let transitions: TransitionStore
  private let server: Server
  private let observation = Mutex<JobSubscription?>(nil)

  /// Serves `colour` (3 labels), `line` (a regression), `tags` (several labels a row) and `bare` (a single .onnx file).
  ///
  /// - Parameters:
  ///   - folder: of an earlier server, which must have ended, or an empty one, which gets the models.
  ///   - isWorking: whether jobs begin at once; else `start` lets them.
  ///   - tellsSteps: whether every step is an event, and not only the epochs.
  ///   - eventStreams: that may be open at one time.
  ///   - change: sets other limits.
  /// - Throws: `FormatError` where somebody has the folder.
  init(
    in folder: TemporaryFolder? = nil,
    isWorking: Bool = true,
    tellsSteps: Bool = false,
    eventStreams: Int = 64,
    _ change: (inout ServiceLimits) -> Void = { _ in }
  ) throws {
    self.folder = folder ?? TemporaryFolder()
    let root = "\(self.folder.path)/models"
    if !FileAccess.exists(root) { try Self.writeModels(root) }
    var limits = ServiceLimits()
    limits.pollSeconds = 0
    limits.eventStreams = eventStreams
    change(&limits)
    repository = ModelRepository(root: root, loader: CheckpointLoader(), limits: limits)
    aliases = AliasStore(repository)
    var settings = FineTuningSettings()
    settings.checkpointSteps = 5
    settings.checkpointSeconds = 0
    settings.metricSeconds = tellsSteps ? 0 : 1e9
    transitions = try TransitionStore(
      folder: "\(self.folder.path)/state/transitions",
      limits: limits
    )
    tuning = try FineTuningService(
      folder: "\(self.folder.path)/state",
      repository: repository,
      aliases: aliases,
      transitions: transitions,
      settings: settings,
      limits: limits
    )
    let admin = Admin(
      repository,
      aliases: aliases,
      access: AdminAccess(token: ServiceServer.token, exposure: .loopback),
      files: tuning.files,
      fineTuning: tuning,
      transitions: transitions
    )
    var configuration = ServerConfiguration()
    configuration.limits.drainIdleSeconds = 0.1
    configuration.limits.lingerSeconds = 0.1
    server = try Server(configuration, handler: Service(repository, admin: admin, loopCount: 1))
    server.start()
    repository.refresh()
    if isWorking { try tuning.start() }
  }

  private static func writeModels(_ root: String) throws {
    try FileAccess.createFolder(root)
    let three = try SmallModels.graph(outputs: 3)
    try SmallModels.write(
      "colour",
      task: "classification",
      three,
      labels: SmallModels.colours,
      in: root
    )
    try SmallModels.write(
      "line",
      task: "regression",
      SmallModels.graph(outputs: 1, tail: nil),
      in: root
    )
    try SmallModels.write(
      "tags",
      task: "multi_label",
      SmallModels.graph(outputs: 3, tail: "Sigmoid"),
      labels: SmallModels.colours,
      in: root
    )
    try FileAccess.create("\(root)/bare.onnx", ONNXWriter.bytes(of: three))
  }

  deinit {
    tuning.shutdown()
    server.stop()
    server.waitUntilStopped()
    aliases.close()
  }

  // MARK: - Requests

  var port: UInt16 { server.port }

  /// Sends a request with the token.
  func send(
    _ method: String,
    _ path: String,
    _ body: String? = nil,
    headers: [(String, String)] = []
  ) throws -> ClientResponse {
    try HTTPClient(port: port, timeoutSeconds: 20).send(
      method,
      path,
      headers: [Self.token] + headers,
      body: body.map { Array($0.utf8) }
    )
  }

  static let token = ("Authorization", "Bearer \(ServiceServer.token)")
  static let jobs = "/admin/v1/fine_tuning/jobs"

  /// Sends a request that must succeed.
  func ask(_ method: String, _ path: String, _ body: String? = nil) throws -> JSONValue {
    let answer = try send(method, path, body)
    try #require(answer.status == 200, "\(method) \(path): \(answer.text)")
    return try Self.value(answer)
  }

  static func value(_ answer: ClientResponse) throws -> JSONValue {
    try answer.body.withUnsafeBytes { try JSONValueReader.read($0) }
  }

  /// `status code param: message` of a request that is refused.
  func refusal(_ method: String, _ path: String, _ body: String? = nil) throws -> Refused {
    let answer = try send(method, path, body)
    let error = try Self.value(answer)["error"]
    return Refused(
      status: answer.status,
      code: error?["code"]?.text,
      parameter: error?["param"]?.text,
      message: error?["message"]?.text ?? ""
    )
  }

  struct Refused: Equatable {
    var status: Int
    var code: String?
    var parameter: String?
    var message: String
  }

  /// Uploads a file and answers its id.
  func upload(_ content: String, name: String = "train.jsonl") throws -> String {
    try tuning.files.add(Array(content.utf8), filename: name, purpose: "fine-tune").id
  }

  // MARK: - Jobs

  /// Members of a request that most tests share: few epochs, a fixed seed, a rate at which the small models learn.
  static let quick =
    "\"seed\":1,\"hyperparameters\":{\"n_epochs\":8,\"batch_size\":8,\"learning_rate\":0.05}"

  /// Makes a job with inline data, or other members instead.
  @discardableResult
  func create(
    _ model: String = "colour",
    data: String? = SmallModels.data(),
    _ members: String = quick
  ) throws -> String {
    let examples = data.map { ",\"data\":\($0)" } ?? ""
    let job = try ask("POST", Self.jobs, "{\"model\":\"\(model)\"\(examples),\(members)}")
    return try #require(job["id"]?.text)
  }

  func job(_ id: String) throws -> JSONValue { try ask("GET", "\(Self.jobs)/\(id)") }

  /// Waits until a job has one of these states, and has told of such an event.
  @discardableResult
  func wait(
    _ id: String,
    for statuses: Set<JobStatus> = [.succeeded, .failed, .cancelled],
    after predicate: ((JobEvent) -> Bool)? = nil
  ) throws -> JSONValue {
    for _ in 0..<100_000 {
      if statuses.contains(try tuning.queue.job(id).status),
        try predicate.map(FineTuningService.allEvents(of: id, tuning.queue).contains) ?? true
      {
        return try job(id)
      }
      pause(microseconds: 200)
    }
    Issue.record("job \(id) is \(try tuning.queue.job(id).status), not one of \(statuses)")
    return try job(id)
  }

  /// Makes a job and waits for its end.
  func run(
    _ model: String = "colour",
    data: String? = SmallModels.data(),
    _ members: String = quick
  ) throws -> JSONValue {
    try wait(create(model, data: data, members))
  }

  /// All messages of a job's events, the oldest first.
  func messages(_ id: String) throws -> [String] {
    try FineTuningService.allEvents(of: id, tuning.queue).map(\.content.message)
  }

  /// Does something once, on the thread of the job, when it tells of the first event that `predicate` wants: the moment is the same in
  /// every run.
  func atEvent(
    of id: String,
    where predicate: @escaping @Sendable (JobEvent) -> Bool,
    _ action: @escaping @Sendable (JobQueue) -> Void
  ) {
    let queue = tuning.queue
    let isDone = Atomic<Bool>(false)
    let subscription = queue.observe(id) {
      guard !isDone.load(ordering: .relaxed),
        let events = try? FineTuningService.allEvents(of: id, queue),
        events.contains(where: predicate),
        !isDone.exchange(true, ordering: .relaxed)
      else { return }
      action(queue)
    }
    observation.withLock { $0 = subscription }
  }

  // MARK: - Versions

  /// The bytes of model.onnx of a version.
  func graph(_ model: String, _ version: Int) throws -> [UInt8] {
    try FileAccess.read(
      "\(repository.root)/\(model)/\(version)/model.onnx",
      byteCountMax: 1 << 20
    )
  }

  /// The version to which an alias points.
  func alias(_ name: String = "stable", of model: String = "colour") throws -> Int? {
    try ask("GET", "/admin/v1/models/\(model)/aliases/\(name)")["version"]?.whole
  }

  /// What predict answers to some rows.
  func predict(_ rows: [[Float]], _ model: String = "colour") throws -> [JSONValue] {
    try ask("POST", "/v1/models/\(model):predict", "{\"instances\":\(rows)}")["predictions"]?
      .elements ?? []
  }
}

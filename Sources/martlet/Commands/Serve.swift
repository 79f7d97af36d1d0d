import CommandLineTool
import Dispatch
import Engine
import Glibc
import HTTP
import Jobs
import Service
import Storage

/// `martlet serve`: serves a folder of models over HTTP until SIGTERM.
struct Serve: Command {
  let specification = CommandSpecification(
    "serve",
    "serve a folder of models over HTTP",
    positionals: [.init("MODELS_DIR", "folder of models (default models)", isRequired: false)],
    flags: [
      .init(
        "host",
        value: "ADDRESS",
        "where to listen; 0.0.0.0 for every interface",
        default: "127.0.0.1"
      ),
      .init("port", value: "PORT", "port, 0 for any free one", default: "8080"),
      .init("loops", value: "COUNT", "event loops, each a thread", default: "1"),
      .init("threads", value: "COUNT", "threads that one run of a model may use", default: "1"),
      .init(
        "decoding-lanes",
        value: "COUNT",
        "threads on which one model's sequences and captions are made side by side (default one for each processor, 8 at most)"
      ),
      .init(
        "state",
        value: "FOLDER",
        "folder for uploaded files, feedback, transitions and fine-tuning jobs (default MODELS_DIR/.martlet)"
      ),
      .init(
        "drain-delay",
        value: "SECONDS",
        "after SIGTERM: time between not being ready and not accepting",
        default: "0"
      ),
    ] + AdminFlags.all + TrainingFlags.all + LimitFlags.all,
    notes: """
      A model is a folder MODELS_DIR/NAME/VERSION/ with a model.onnx, or a single file NAME.onnx. New versions are found
      and swapped in while serving; a model with the alias 'stable' answers with the version that it names. SIGTERM
      drains: requests in flight are answered; a second one ends at once.
      """
  )

  /// Lanes of a model where no flag says how many: each one needs memory of its own for what it computes.
  private static let decodingLanesMax = 8

  func run(_ arguments: Arguments) throws -> Int32 {
    let root = arguments.positional(0) ?? "models"
    // Before anything is written there: a misspelt name would become a folder.
    guard (try? FileAccess.names(in: root)) != nil else {
      throw UsageError(
        "cannot read the folder '\(root)': expected MODELS_DIR with NAME/VERSION/model.onnx in it"
      )
    }
    var configuration = ServerConfiguration()
    configuration.host = arguments.string("host") ?? configuration.host
    configuration.port = UInt16(try arguments.integer("port", in: 0...65_535) ?? 8080)
    configuration.loopCount = try arguments.integer("loops", in: 1...256) ?? 1
    let threads = try arguments.integer("threads", in: 1...256) ?? 1
    var decoding = DecodingLimits()
    decoding.lanes =
      try arguments.integer("decoding-lanes", in: 1...256)
      ?? min(ProcessorCount.available, Self.decodingLanesMax)
    let drainDelay = try arguments.number("drain-delay", in: 0...3600) ?? 0
    var limits = ServiceLimits()
    if ProcessorCount.available == 1 {
      // No other core would run the model meanwhile: waking another thread is pure cost.
      limits.inlineMicroseconds *= 10
    }
    try LimitFlags.apply(arguments, &configuration.limits, &limits)

    let repository = ModelRepository(
      root: root,
      loader: CheckpointLoader(threads: threads, decoding: decoding),
      limits: limits,
      onChange: Self.report
    )
    let token = try AdminFlags.token(arguments)
    let exposure = AdminFlags.exposure(arguments, host: configuration.host)
    let aliases = AliasStore(repository)
    let state = arguments.string("state")
    let feedback = try store("feedback", state, root: root) { folder throws(FormatError) in
      try FeedbackStore(folder: folder, limits: limits, report: Self.tell)
    }
    let transitions = try store("transitions", state, root: root) { folder throws(FormatError) in
      try TransitionStore(folder: folder, limits: limits, report: Self.tell)
    }
    let fineTuning = try fineTuning(
      arguments,
      root: root,
      repository,
      aliases,
      feedback,
      transitions,
      limits
    )
    let admin = Admin(
      repository,
      aliases: aliases,
      access: AdminAccess(token: token.text, exposure: exposure),
      files: fineTuning?.files,
      fineTuning: fineTuning,
      transitions: transitions
    )
    let service = Service(
      repository,
      admin: admin,
      feedback: feedback,
      loopCount: configuration.loopCount
    )
    let server: Server
    do {
      server = try Server(configuration, handler: service)
    } catch {
      throw UsageError("cannot listen on \(configuration.host):\(configuration.port): \(error)")
    }
    var sources = MetricSources()
    sources.trainingGate = fineTuning?.gate
    sources.openConnections = { [weak server] in server?.connectionCount ?? 0 }
    sources.trainingGate = fineTuning?.gate
    if let queue = fineTuning?.queue {
      sources.jobsByStatus = {
        queue.counts().map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }
      }
    }
    service.metrics.connect(sources)
    let signals = TerminationSignals {
      service.beginDraining()
      DispatchQueue.global().asyncAfter(deadline: .now() + drainDelay) { server.drain() }
    }
    server.start()
    let url = "http://\(configuration.host):\(server.port)"
    Terminal.output.write(
      """
      martlet serves \(root) on \(url), kernels for \(InstructionSet.name)
        curl \(url)/v1/models\n
      """
    )
    if let note = AdminFlags.note(token, exposure) { Terminal.output.write("  \(note)\n") }
    repository.start()
    DispatchQueue.global().async { Self.recover(aliases, fineTuning) }
    server.waitUntilStopped()
    fineTuning?.shutdown()
    withExtendedLifetime(signals) {}
    return 0
  }

  /// Ends what a crash has left of the last change of an alias, then goes on with the jobs.
  private static func recover(_ aliases: AliasStore, _ fineTuning: FineTuningService?) {
    do {
      try aliases.recover()
    } catch { Terminal.error.write("  the audit log is not in order: \(error)\n") }
    do {
      try fineTuning?.start()
    } catch { Terminal.error.write("  no fine-tuning: \(error)\n") }
  }

  /// Opens the folder of jobs and uploaded files; where nobody chose it and it cannot be written, such as beside models
  /// that are mounted read-only, the server does without.
  private func fineTuning(
    _ arguments: Arguments,
    root: String,
    _ repository: ModelRepository,
    _ aliases: AliasStore,
    _ feedback: FeedbackStore?,
    _ transitions: TransitionStore?,
    _ limits: ServiceLimits
  ) throws -> FineTuningService? {
    let folder = arguments.string("state")
    do {
      let service = try FineTuningService(
        folder: folder ?? "\(root)/.martlet",
        repository: repository,
        aliases: aliases,
        feedback: feedback,
        transitions: transitions,
        settings: try TrainingFlags.settings(arguments),
        limits: limits
      )
      for problem in service.problems { Terminal.error.write("  \(problem)\n") }
      return service
    } catch let error as FormatError {
      guard folder == nil else { throw UsageError("--state: \(error)") }
      Terminal.error.write("  no uploads and no jobs: \(error); see --state\n")
      return nil
    }
  }

  /// Opens a folder of what clients tell; where nobody chose it and it cannot be written, the server does without.
  private func store<Store>(
    _ name: String,
    _ state: String?,
    root: String,
    open: (String) throws(FormatError) -> Store
  ) throws -> Store? {
    do throws(FormatError) {
      return try open("\(state ?? "\(root)/.martlet")/\(name)")
    } catch {
      guard state == nil else { throw UsageError("--state: \(error)") }
      Self.tell("no \(name): \(error); see --state")
      return nil
    }
  }

  /// Tells the operator of something that is not as it should be.
  @Sendable private static func tell(_ problem: String) { Terminal.error.write("  \(problem)\n") }

  /// Tells the operator what became of a version.
  private static func report(_ event: ModelRepository.Event) {
    switch event {
    case .loaded(let host, let seconds):
      let milliseconds = Int((seconds * 1000).rounded())
      Terminal.output.write("  \(host.name)/\(host.version) ready in \(milliseconds) ms\n")
    case .failed(let model, let version, let reason):
      Terminal.error.write("  \(model)/\(version) is not served: \(reason)\n")
    case .unloaded(let model, let version):
      Terminal.output.write("  \(model)/\(version) unloaded\n")
    case .problem(let text):
      Terminal.error.write("  \(text)\n")
    }
  }
}

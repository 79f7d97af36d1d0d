import CommandLineTool
import Glibc
import HTTP
import Service

/// `martlet finetune`: has a running server train a model further, and shows how it gets on.
struct Finetune: Command {
  private static let defaultURL = "http://127.0.0.1:8080"

  let specification = CommandSpecification(
    "finetune",
    "have a running server train a model further, and watch it",
    positionals: [
      .init("MODEL", "a served model: NAME, NAME/VERSION or NAME@ALIAS", isRequired: false)
    ],
    flags: connectionFlags + sourceFlags + actionFlags + FinetuneFlags.all,
    notes: """
      PATH is JSONL, CSV, .npz or .tar, sent as it is, or a folder of class folders with PNG or JPEG pictures. What is not said,
      the server chooses. Ctrl-C only stops watching: the job goes on. The token is also read from
      \(AdminFlags.environmentVariable). Exit code: 0 the job succeeded, 1 it did not or the server refused, 2 wrong usage,
      130 detached.
      example: martlet finetune lenet5 --data fashion.jsonl --head replace --promote always --epochs 5
      """
  )

  private static let connectionFlags: [CommandSpecification.Flag] = [
    .init("url", value: "URL", "the server", default: defaultURL),
    .init("token", value: "TOKEN", "its admin token; better kept in a file"),
    .init("token-file", value: "FILE", "file whose first line is that token"),
  ]

  private static let sourceFlags: [CommandSpecification.Flag] = [
    .init("data", value: "PATH", "examples to upload: a file, or a folder of class folders"),
    .init("file-id", value: "ID", "examples that the server has, file-..."),
    .init("feedback", "train on what clients have reported"),
  ]

  private static let actionFlags: [CommandSpecification.Flag] = [
    .init("watch", value: "JOB", "only watch a job, ftjob-..."),
    .init("cancel", value: "JOB", "only cancel a job"),
    .init("jobs", "only list the newest jobs"),
    .init("rollback", value: "NAME", "only let this model's --alias go back to its last version"),
  ]

  func run(_ arguments: Arguments) throws -> Int32 {
    let client = try Self.client(arguments)
    do {
      switch try action(arguments) {
      case .start: return try start(arguments, client)
      case .watch(let job): return try watch(job, client, FinetuneScreen(hints(arguments)))
      case .cancel(let job):
        let status = JobSummary(try client.cancel(job)).status
        Terminal.output.write("\(job) \(status.printable)\n")
      case .list: Terminal.output.write(FinetuneReport.jobs(try client.list()))
      case .rollBack(let model, let alias):
        let version = try client.rollBack(model, alias: alias)["version"]?.whole
        Terminal.output.write("\(model)@\(alias) is version \(version.map(String.init) ?? "?")\n")
      }
      return 0
    } catch let problem as ClientProblem {
      Terminal.error.write("martlet: \(problem.message.printable)\n")
      if let parameter = problem.parameter {
        Terminal.error.write("  param: \(parameter.printable)\n")
      }
      return 1
    }
  }

  // MARK: - What to do

  private enum Action {
    case start
    case watch(String)
    case cancel(String)
    case list
    case rollBack(String, alias: String)
  }

  private func action(_ arguments: Arguments) throws -> Action {
    let given = Self.actionFlags.map(\.name).filter(arguments.has)
    guard let name = given.first else { return .start }
    let others =
      given.dropFirst()
      + (Self.sourceFlags + FinetuneFlags.all).map(\.name).filter {
        arguments.has($0) && !(name == "rollback" && $0 == "alias")
      }
    if let other = others.first { throw UsageError("--\(name) and --\(other) exclude each other") }
    if let model = arguments.positional(0) {
      throw UsageError("--\(name) takes no MODEL, got '\(model)'")
    }
    let value = arguments.string(name) ?? ""
    switch name {
    case "watch": return .watch(value)
    case "cancel": return .cancel(value)
    case "jobs": return .list
    default: return .rollBack(value, alias: arguments.string("alias") ?? "stable")
    }
  }

  private static func client(_ arguments: Arguments) throws -> FineTuningClient {
    let address: ServerAddress
    do throws(ServerAddress.Invalid) {
      address = try ServerAddress(arguments.string("url") ?? defaultURL)
    } catch { throw UsageError("--url: \(error)") }
    let token = try AdminFlags.token(arguments, flag: "token", fileFlag: "token-file")
    guard let token else {
      throw UsageError(
        "the admin token is missing: give --token-file FILE, --token TOKEN, or set \(AdminFlags.environmentVariable)"
      )
    }
    return FineTuningClient(address, token: token)
  }

  /// The flags that lead to the same server, to be repeated in hints.
  private func hints(_ arguments: Arguments) -> String {
    let url = arguments.string("url").map { " --url \($0)" } ?? ""
    return url + (arguments.string("token-file").map { " --token-file \($0)" } ?? "")
  }

  // MARK: - Doing it

  private func start(_ arguments: Arguments, _ client: FineTuningClient) throws -> Int32 {
    guard let model = arguments.positional(0) else { throw UsageError("MODEL is missing") }
    let given = Self.sourceFlags.map(\.name).filter(arguments.has)
    guard given.count == 1 else {
      throw UsageError(
        given.isEmpty
          ? "there are no examples: give --data PATH, --file-id ID or --feedback"
          : "--\(given[0]) and --\(given[1]) exclude each other"
      )
    }
    if arguments.has("validation"), arguments.has("validation-split") {
      throw UsageError("--validation and --validation-split exclude each other")
    }
    let source: FineTuningOrder.Source =
      arguments.has("feedback") ? .feedback : .file(arguments.string("file-id") ?? "")
    // Mistakes in flags and paths show before anything is sent.
    var order = try FinetuneFlags.order(arguments, model: model, source: source)
    let data = try arguments.string("data").map { try ExampleUpload($0) }
    let validation = try arguments.string("validation").map { try ExampleUpload($0) }

    let screen = FinetuneScreen(hints(arguments))
    if let data { order.source = .file(try upload(data, client)) }
    if let validation { order.validationFile = try upload(validation, client) }
    screen.start()
    let job = try FineTuningClient.member("id", of: try client.create(order))
    return try watch(job, client, screen)
  }

  private func upload(_ examples: ExampleUpload, _ client: FineTuningClient) throws -> String {
    let packed = examples.folder.map {
      " (\($0.pictureCount) pictures of \($0.classCount) classes)"
    }
    let name = examples.filename.printable
    var bar = ProgressBar(
      "uploading \(name)",
      total: examples.content.count / Self.kilobyte,
      unit: "kB"
    )
    let id = try client.upload(examples) { sent, _ in bar.update(sent / Self.kilobyte) }
    bar.finish("uploaded \(name)\(packed ?? ""): \(id.printable)")
    return id
  }

  /// Bytes.
  private static let kilobyte = 1000

  private func watch(
    _ job: String,
    _ client: FineTuningClient,
    _ screen: FinetuneScreen
  ) throws -> Int32 {
    screen.begin(job)
    let follower = JobFollower(client) { seconds in usleep(UInt32(seconds * 1e6)) }
    let document: JSONValue
    do throws(ClientProblem) {
      document = try follower.follow(job) { screen.show($0) }
    } catch {
      screen.end()
      if error.isTemporary { Terminal.error.write(screen.hint) }
      throw error
    }
    screen.end()
    let summary = JobSummary(document)
    Terminal.output.write(FinetuneReport.end(summary))
    return summary.hasSucceeded ? 0 : 1
  }
}

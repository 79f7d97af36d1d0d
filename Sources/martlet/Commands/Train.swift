import CommandLineTool
import Glibc
import HTTP
import Storage
import Training
import Zoo

/// `martlet train`: runs a recipe and writes the model it makes.
struct Train: Command {
  let specification = CommandSpecification(
    "train",
    "train one of the shipped models again, from data and seed to its numbers",
    positionals: [.init("RECIPE", "one of the recipes below")],
    flags: [
      .init("data", value: "DIR", "folder with the recipe's data sets, such as DIR/mnist"),
      .init(
        "seed",
        value: "N",
        "seeds initial weights, order and dropout",
        default: "the recipe's"
      ),
      .init("out", value: "DIR", "version's folder to write", default: "the next models/RECIPE/N"),
      .init("epochs", value: "N", "passes over the training data", default: "the recipe's"),
      .init("threads", value: "COUNT", "threads that a step may use", default: "1"),
      .init(
        "checkpoint",
        value: "FILE",
        "written after every epoch",
        default: "train/RECIPE.npz"
      ),
      .init("resume", "continue from the checkpoint; ends with the same bits as without the break"),
    ],
    notes: "recipes:\n"
      + Recipes.all.map { "  \(padded($0.name)) \($0.summary)" }.joined(separator: "\n")
        + """


        Interrupting (Ctrl-C) writes a checkpoint; --resume goes on from there.
        example: martlet train lenet5 --data ../shared/data --out models/lenet5/1
        """
  )

  func run(_ arguments: Arguments) throws -> Int32 {
    let name = arguments.positional(0) ?? ""
    guard let recipe = Recipes.named(name) else {
      let names = Recipes.all.map(\.name)
      throw UsageError(
        "no recipe '\(name)'\(Suggestion.text(for: name, among: names)); there are \(names.joined(separator: ", "))"
      )
    }
    guard recipe.dataSets.isEmpty || arguments.string("data") != nil else {
      throw UsageError(
        "--data DIR is missing: the folder that holds \(recipe.dataSets.joined(separator: " and "))"
      )
    }
    let control = TrainingControl()
    let signals = TerminationSignals { control.requestStop() }
    defer { withExtendedLifetime(signals) {} }
    var request = RecipeRequest(
      dataFolder: arguments.string("data") ?? "",
      modelFolder: arguments.string("out") ?? Self.nextVersion(of: name),
      threads: try arguments.integer("threads", in: 1...64) ?? 1,
      control: control
    )
    request.epochs = try arguments.integer("epochs", in: 1...1_000_000)
    request.seed = try arguments.integer("seed", in: 0...Int.max).map(UInt64.init)
    request.checkpoint = try checkpoint(arguments, recipe)

    var display = TrainingDisplay()
    let result = try recipe.run(request) { display.show($0) }
    if control.isStopRequested, let path = request.checkpoint {
      Terminal.output.write("go on with: martlet train \(name) ... --resume (checkpoint \(path))\n")
      return 130
    }
    for (metric, value) in result.metrics.sorted(by: { $0.key < $1.key }) {
      Terminal.output.write("\(metric) \(value)\n")
    }
    if let folder = result.modelFolder { Terminal.output.write("wrote \(folder)\n") }
    return 0
  }

  /// The checkpoint's path; an old file is only kept for `--resume`.
  private func checkpoint(_ arguments: Arguments, _ recipe: any Recipe) throws -> String {
    let path = arguments.string("checkpoint") ?? "train/\(recipe.name).npz"
    if arguments.has("resume") {
      guard FileAccess.exists(path) else {
        throw UsageError("--resume: there is no checkpoint \(path)")
      }
    } else if FileAccess.exists(path) {
      unlink(path)
    }
    if arguments.string("checkpoint") == nil { mkdir("train", 0o755) }
    return path
  }

  /// The first version's folder that is not there yet.
  private static func nextVersion(of name: String) -> String {
    let versions = ((try? FileAccess.names(in: "models/\(name)")) ?? []).compactMap { Int($0) }
    return "models/\(name)/\((versions.max() ?? 0) + 1)"
  }

  private static func padded(_ name: String) -> String {
    name + String(repeating: " ", count: max(0, 16 - name.count))
  }
}

/// Draws a training: a bar within the epoch, a line after it.
struct TrainingDisplay {
  private var bar: ProgressBar?

  mutating func show(_ event: RecipeEvent) {
    switch event {
    case .message(let text):
      bar = nil
      Terminal.output.write(text + "\n")
    case .training(.step(let step)):
      if bar == nil {
        bar = ProgressBar(
          "epoch \(step.epoch)/\(step.epochs)",
          total: step.batches,
          unit: "batches"
        )
      }
      let accuracy = step.accuracy.map { " accuracy \(Self.percent($0))" } ?? ""
      bar?.update(
        step.batch,
        note: "loss \(Self.short(Double(step.loss)))\(accuracy) "
          + "\(Int(step.examplesPerSecond)) samples/s, all done in \(ProgressBar.duration(step.secondsLeft))"
      )
    case .training(.epoch(let epoch)):
      var line =
        "epoch \(epoch.epoch): loss \(Self.short(epoch.training.loss)) "
        + "accuracy \(epoch.training.accuracy.map(Self.percent) ?? "-")"
      if let validation = epoch.validation {
        line +=
          ", validation loss \(Self.short(validation.loss)) "
          + "accuracy \(validation.accuracy.map(Self.percent) ?? "-")"
      }
      line += ", \(ProgressBar.duration(epoch.seconds))"
      if let bar { bar.finish(line) } else { Terminal.error.write(line + "\n") }
      bar = nil
    case .training(.checkpoint): break
    }
  }

  private static func short(_ value: Double) -> String {
    String((value * 10_000).rounded() / 10_000)
  }

  private static func percent(_ share: Double) -> String {
    "\((share * 10_000).rounded() / 100) %"
  }
}

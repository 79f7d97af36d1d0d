import CommandLineTool
import Datasets
import Engine
import GraphIR
import ONNXFormat
import Reinforcement
import Tensors

/// `martlet evaluate`: measures a classifier on the test pictures of MNIST or Fashion-MNIST, and one that acts in its environment.
struct Evaluate: Command {
  let specification = CommandSpecification(
    "evaluate",
    "measure a classifier on a data set's test pictures, a policy in its environment",
    positionals: [.init("MODEL", ModelLocation.help)],
    flags: [
      .init("data", value: "DIR", "folder with the data set, such as DIR/mnist"),
      .init(
        "set",
        value: "NAME",
        "mnist or fashion-mnist",
        default: "what the model was trained on"
      ),
      .init(
        "environment",
        value: "NAME",
        "play there, such as cartpole",
        default: "where a policy was trained"
      ),
      .init("episodes", value: "N", "episodes to play", default: "100"),
      .init("seed", value: "N", "of the episodes", default: "0"),
      .init("raw-pixels", "feed pixels as 0..255 instead of 0..1 (mnist-8.onnx)"),
      .init("threads", value: "COUNT", "threads that a run may use", default: "1"),
    ],
    notes: """
      example: martlet evaluate lenet5 --data ../shared/data
      example: martlet evaluate cartpole-policy --episodes 1000 --seed 7
      """
  )

  func run(_ arguments: Arguments) throws -> Int32 {
    let found = try ModelLocation.open(arguments.positional(0) ?? "")
    let trained = found.folder?.manifest.reinforcement?.environment
    if let name = arguments.string("environment") ?? trained {
      try play(found, in: name, arguments)
      writeRecorded(found)
      return 0
    }
    guard let data = arguments.string("data") else {
      throw UsageError("--data DIR is missing: the folder that holds mnist or fashion-mnist")
    }
    let recorded = found.folder?.manifest.training?.data?.name
    let name = arguments.string("set") ?? recorded ?? "mnist"
    guard let set = MNISTFolder.Name(rawValue: name) else {
      throw UsageError("--set is mnist or fashion-mnist, got '\(name)'")
    }
    let test = try MNISTFolder.read(set, in: data).test.dataset
    let threads = try arguments.integer("threads", in: 1...64) ?? 1
    let scale: Float = arguments.has("raw-pixels") ? 255 : 1
    let result = try Self.measure(found.graph, test, scale: scale, threads: threads)
    let accuracy = Double(result.correct) / Double(test.count)
    Terminal.output.write(
      "\(found.path) on \(name): accuracy \((accuracy * 1_000_000).rounded() / 10_000) % "
        + "(\(result.correct) of \(test.count))\n"
    )
    writeRecorded(found)
    return 0
  }

  /// Writes what the model's training measured.
  private func writeRecorded(_ found: ModelLocation.Found) {
    for (metric, value) in (found.folder?.manifest.metrics ?? [:]).sorted(by: { $0.key < $1.key }) {
      Terminal.output.write("recorded \(metric) \(value)\n")
    }
  }

  /// Plays episodes, always the action of the highest score.
  private func play(
    _ found: ModelLocation.Found,
    in name: String,
    _ arguments: Arguments
  ) throws {
    let environment = try Environments.named(name)
    let episodes = try arguments.integer("episodes", in: 1...1_000_000) ?? 100
    let seed = try arguments.integer("seed", in: 0...Int.max) ?? 0
    let roles = found.folder?.manifest.roles ?? [:]
    let scores =
      roles["q_values"] ?? roles["logits"] ?? found.graph.outputs.first.map { found.graph[$0].name }
    let policy = try GreedyPolicy(
      found.graph,
      scores: scores ?? "",
      for: environment.specification
    )
    let returns = try EpisodeReturns(
      of: policy,
      in: environment,
      episodes: episodes,
      seed: UInt64(seed)
    )
    let above = returns.values.count { $0 > 0 }
    Terminal.output.write(
      "\(found.path) in \(environment.specification.name): mean return \(Self.digits(returns.mean)) of \(episodes) episodes "
        + "(standard error \(Self.digits(returns.standardError)), from \(returns.values.min() ?? 0) to \(returns.values.max() ?? 0), "
        + "\(above) above 0)\n"
    )
  }

  private static func digits(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }

  /// Right answers by the largest score of the first output.
  private static func measure(
    _ graph: Graph,
    _ test: Dataset,
    scale: Float,
    threads: Int
  ) throws -> (correct: Int, count: Int) {
    guard let input = graph.inputs.first, graph.inputs.count == 1, let output = graph.outputs.first,
      let dimensions = graph[input].type.shape.dimensions
    else { throw UsageError("the model must have one input of known rank, and an output") }
    let rowSizes = dimensions.dropFirst().map { $0.size ?? 0 }
    let pixels = test.features.shape.elementCount / max(test.count, 1)
    guard rowSizes.reduce(1, *) == pixels else {
      throw UsageError(
        "the model's input is \(graph[input].type), the pictures have \(pixels) pixels"
      )
    }
    let batch = dimensions.first?.size ?? 500
    let session = try Session(graph, options: SessionOptions(threads: threads))
    let labels = test.labels.elements(of: Int64.self)
    var correct = 0
    for start in stride(from: 0, to: test.count, by: batch) {
      let count = min(batch, test.count - start)
      let run = try session.prepare([output], inputShapes: [input: Shape([count] + rowSizes)])
      test.features.withElements(of: Float.self) { source in
        let target = run.input(input).bindMemory(to: Float.self)
        for index in 0..<(count * pixels) { target[index] = source[start * pixels + index] * scale }
      }
      try run.execute()
      let scores = run.output(0).bindMemory(to: Float.self)
      let classes = scores.count / count
      for row in 0..<count {
        let best = (0..<classes).max { scores[row * classes + $0] < scores[row * classes + $1] }
        if best.map(Int64.init) == labels[start + row] { correct += 1 }
      }
    }
    return (correct, test.count)
  }
}

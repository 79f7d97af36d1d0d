import CKernels
import CommandLineTool
import GraphIR

/// `martlet bench`: measures kernels, models, training steps and the server against this machine's peak.
struct Bench: Command {
  let specification = CommandSpecification(
    "bench",
    "measure kernels, inference, decoding, training, environments or HTTP on this machine",
    positionals: [.init("WHAT", "kernels, infer, decode, train, environments or http")],
    flags: [
      .init("json", "print a JSON array instead of a table"),
      .init("threads", value: "COUNT", "threads that one run may use", default: "1"),
      .init(
        "lanes",
        value: "COUNT",
        "with decode: threads that step streams side by side",
        default: "1"
      ),
      .init(
        "model",
        value: "MODEL",
        "with infer: \(ModelLocation.help)",
        default: "all of models/"
      ),
      .init(
        "batch",
        value: "N,N,...",
        "with infer: batch sizes; with decode: streams",
        default: "1,8,64; 1,8,32"
      ),
      .init("steps", value: "T", "with infer: length of sequences", default: "1"),
      .init("profile", "with infer and train: time of every step of the plan"),
      .init(
        "only",
        value: "TEXT",
        "with train and environments: rows whose name starts with TEXT"
      ),
      .init("seconds", value: "SECONDS", "with http: length of each row", default: "2"),
    ],
    notes: """
      Shares refer to the FMA peak and the copy bandwidth of this machine, measured first in the same run.
      MARTLET_ISA=scalar|sse|avx2|avx512|neon forces an instruction set. Pin it (taskset -c 1) for steady figures.
      """
  )

  func run(_ arguments: Arguments) throws -> Int32 {
    let threads = try arguments.integer("threads", in: 1...64) ?? 1
    let results: [BenchmarkResult]
    switch arguments.positional(0) {
    case "kernels": results = KernelBenchmarks(threads: threads).run()
    case "infer":
      guard let rows = try infer(arguments, threads: threads) else { return 0 }
      results = rows
    case "decode":
      results = try DecodingBenchmarks(
        threads: threads,
        lanes: try arguments.integer("lanes", in: 1...64) ?? 1,
        streamCounts: batchSizes(arguments.string("batch") ?? "1,8,32", max: 1024)
      ).run()
    case "train":
      let only = arguments.string("only")
      let benchmarks = TrainingBenchmarks(threads: threads, only: only)
      let deepQ = DeepQBenchmarks(threads: threads, only: only)
      if arguments.has("profile") {
        let supervised = try benchmarks.profile()
        let steps = try supervised.isEmpty ? deepQ.profile() : supervised
        Terminal.output.write(table(steps, title: "step"))
        return 0
      }
      results = try benchmarks.run() + deepQ.run()
    case "environments":
      results = try EnvironmentBenchmarks(only: arguments.string("only")).run()
    case "http":
      let seconds = try arguments.number("seconds", in: 0.1...600) ?? 2
      results = try HTTPBenchmarks(seconds: seconds).run()
    default:
      throw UsageError(
        "WHAT is kernels, infer, decode, train, environments or http, got '\(arguments.positional(0) ?? "")'"
      )
    }
    Terminal.output.write(arguments.has("json") ? json(results) : table(results))
    return 0
  }

  private func infer(_ arguments: Arguments, threads: Int) throws -> [BenchmarkResult]? {
    let batches = try batchSizes(arguments.string("batch") ?? "1,8,64", max: 65_536)
    let names = arguments.string("model").map { [$0] } ?? ["mnist-mlp", "lenet5", "fashion-cnn"]
    let models = try names.map { ($0, try ModelLocation.open($0).graph) }
    let steps = try arguments.integer("steps", in: 1...65_536) ?? 1
    let benchmarks = InferenceBenchmarks(threads: threads, batchSizes: batches, steps: steps)
    guard arguments.has("profile") else { return try benchmarks.run(models) }
    for (name, graph) in models {
      for batch in batches {
        let steps = try benchmarks.profile(graph, batch: batch)
        Terminal.output.write(table(steps, title: "\(name) batch \(batch)"))
      }
    }
    return nil
  }

  private func batchSizes(_ texts: String, max: Int) throws -> [Int] {
    try texts.split(separator: ",").map { text in
      guard let batch = Int(text), (1...max).contains(batch) else {
        throw UsageError(
          "--batch takes numbers from 1 to \(max) separated by commas, got '\(text)'"
        )
      }
      return batch
    }
  }

  private func table(_ steps: [(step: String, microseconds: Double)], title: String) -> String {
    var table = TextTable([(title, .left), ("us", .right)])
    for row in steps { table.add([row.step, String(Double(Int(row.microseconds * 100)) / 100)]) }
    return table.text
  }

  private func json(_ results: [BenchmarkResult]) -> String {
    "[\n" + results.map { "  " + $0.json }.joined(separator: ",\n") + "\n]\n"
  }

  private func table(_ results: [BenchmarkResult]) -> String {
    var table = TextTable([
      ("case", .left), ("time", .right), ("rate", .right), ("of peak", .right),
    ])
    for result in results { table.add(result.row) }
    return "instruction set \(String(cString: ck_isa_name(ck_isa_current())))\n" + table.text
  }
}

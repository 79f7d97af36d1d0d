struct TrainingBenchmarks {
  let threads: Int
  let only: String?
  func run() throws -> [BenchmarkResult] { [] }
}

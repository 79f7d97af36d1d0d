import CKernels
import Reinforcement
import Tensors
import Training

/// Times updates of deep Q-learning (both networks forward, the online one back, Huber loss, Adam): a batch is already in memory and is
/// copied into the plan's inputs, as the rivals have it; and the same with drawing it from a replay memory.
struct DeepQBenchmarks {
  let threads: Int
  /// Networks whose name contains this, all where it is `nil`.
  let only: String?

  static let batch = 32

  private struct Network {
    let name: String
    let architecture: QNetworkArchitecture
    /// Useful multiplications and additions of one update for one example, counted as two.
    let work: Double
    var isReplayed = false
  }

  private var networks: [Network] {
    let dense = QNetworkArchitecture.dense(observation: 4, actions: 2)
    let pixels = QNetworkArchitecture.nature(actions: 4)
    // The rivals' pixels are fractions already.
    var fractions = pixels
    fractions.scale = 1
    let all = [
      Network(name: "dqn adam", architecture: dense, work: 4 * 8_960 - 512),
      Network(name: "nature adam", architecture: fractions, work: 4 * 18_690_048 - 6_553_600),
      Network(
        name: "replayed dqn adam",
        architecture: dense,
        work: 4 * 8_960 - 512,
        isReplayed: true
      ),
      Network(
        name: "replayed nature adam",
        architecture: pixels,
        work: 4 * 18_690_048 - 6_553_600,
        isReplayed: true
      ),
    ]
    return all.filter { network in only.map { network.name.hasPrefix($0) } ?? true }
  }

  func run() throws -> [BenchmarkResult] {
    let peak = ck_measure_peak_flops(ck_isa_current()) * Double(threads)
    return try networks.map { try measure($0, peak: peak) }
  }

  /// Where the time of one update goes.
  func profile() throws -> [(step: String, microseconds: Double)] {
    guard let network = networks.first else { return [] }
    let learner = try learner(network)
    _ = try learner.update(on: batch(network))
    var times = [Int](repeating: 0, count: learner.stepNames.count)
    for _ in 0..<20 { try learner.profile(addingTo: &times) }
    times = times.map { _ in 0 }
    for _ in 0..<100 { try learner.profile(addingTo: &times) }
    return zip(learner.stepNames, times).map { ($0, Double($1) / 100_000) }
  }

  private func measure(_ network: Network, peak: Double) throws -> BenchmarkResult {
    let learner = try learner(network)
    let batch = batch(network)
    let memory = try memory(network)
    let seconds = try Stopwatch.median {
      if network.isReplayed {
        try learner.update(from: memory)
      } else {
        try learner.update(on: batch)
      }
    }
    let rate = Int(Double(Self.batch) / seconds)
    return .flops(
      "train \(network.name) batch \(Self.batch) (\(rate) samples/s)",
      seconds: seconds,
      work: network.work * Double(Self.batch),
      peak: peak
    )
  }

  /// The target stays, as in the rivals' updates.
  private func learner(_ network: Network) throws -> DQNLearner {
    try DQNLearner(
      QNetwork(network.architecture.graph(seed: 1)),
      options: DQNOptions(
        batchSize: Self.batch,
        schedule: .constant(1e-3),
        isDouble: false,
        target: .hard(every: .max),
        threads: threads
      )
    )
  }

  private func batch(_ network: Network) -> DQNBatch {
    let shape = Shape([Self.batch] + network.architecture.observation.dimensions)
    func numbers(_ stream: UInt64) -> Tensor {
      Tensor(shape) { (buffer: UnsafeMutableBufferPointer<Float>) in
        guard let base = buffer.baseAddress else { return }
        ck_f32_uniform(3, stream, 0, Int64(buffer.count), 0, 1, base, nil)
      }
    }
    let rows = 0..<Self.batch
    return DQNBatch(
      observation: numbers(0),
      action: rows.map { $0 % 2 },
      reward: rows.map { Float($0) / Float(Self.batch) },
      next: numbers(1),
      discount: rows.map { $0 % 20 == 0 ? 0 : 0.99 }
    )
  }

  private func memory(_ network: Network) throws -> ReplayMemory {
    let architecture = network.architecture
    let shape = architecture.observation
    let isPixels = shape.rank == 3
    let memory = try ReplayMemory(
      ReplayOptions(
        observations: isPixels
          ? .frames(count: shape[0], height: shape[1], width: shape[2]) : .rows(shape),
        actionCount: architecture.actionCount,
        capacity: 10_000
      )
    )
    guard network.isReplayed else { return memory }
    var recorder = try ReplayRecorder(discount: 0.99)
    var random = Philox(seed: 5)
    var row: [Float] { (0..<4).map { _ in random.uniform() } }
    var frame: [UInt8]? {
      isPixels ? [UInt8](repeating: UInt8(random.below(256)), count: shape[1] * shape[2]) : nil
    }
    try recorder.begin(row, frame: frame, in: memory)
    for step in 0..<8_000 {
      let result = StepResult(
        reward: Double(step % 3),
        isTerminated: step % 200 == 199,
        isTruncated: false
      )
      try recorder.record(step % 2, result, row, frame: frame, in: memory)
      if result.isEnd { try recorder.begin(row, frame: frame, in: memory) }
    }
    return memory
  }
}

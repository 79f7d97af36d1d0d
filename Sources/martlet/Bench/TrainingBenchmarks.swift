import CKernels
import Engine
import GraphIR
import NN
import Tensors
import Training
import Zoo

/// Times training steps (forward, backward, update) of the networks that rivals are measured with: a batch is already in memory and is
/// copied into the plan's inputs, as a data loader would.
struct TrainingBenchmarks {
  let threads: Int
  /// Networks whose name contains this, all where it is `nil`.
  let only: String?

  private struct Network {
    let name: String
    let batch: Int
    let architecture: any Architecture
    let optimizer: any Optimizer
    /// Useful multiplications and additions of one step for one example, counted as two.
    let work: Double
  }

  func run() throws -> [BenchmarkResult] {
    let peak = ck_measure_peak_flops(ck_isa_current()) * Double(threads)
    var results: [BenchmarkResult] = []
    for network in networks where only.map({ network.name.hasPrefix($0) }) ?? true {
      results.append(try measure(network, peak: peak))
    }
    return results
  }

  /// Where the time of one step goes.
  func profile() throws -> [(step: String, microseconds: Double)] {
    guard let network = networks.first(where: { $0.name.hasPrefix(only ?? "") }) else { return [] }
    let step = try prepare(network)
    for _ in 0..<10 { try step.run.execute() }
    var times = [Int](repeating: 0, count: step.run.stepNames.count)
    for _ in 0..<50 { try step.run.executeProfiled(addingTo: &times) }
    return zip(step.run.stepNames, times).map { ($0, Double($1) / 50_000) }
  }

  private func measure(_ network: Network, peak: Double) throws -> BenchmarkResult {
    let step = try prepare(network)
    let pixels = network.architecture.inputSizes.reduce(network.batch, *)
    let features = Tensor(Shape([pixels])) { (buffer: UnsafeMutableBufferPointer<Float>) in
      if let base = buffer.baseAddress { ck_f32_uniform(3, 0, 0, Int64(pixels), 0, 1, base, nil) }
    }
    let labels = Tensor(vector: (0..<network.batch).map { Int64($0 % 10) })
    var failure: (any Error)?
    let seconds = Stopwatch.median {
      do {
        features.withBytes { step.run.input(step.features).copyMemory(from: $0) }
        labels.withBytes { step.run.input(step.labels).copyMemory(from: $0) }
        step.run.input(step.rate).storeBytes(of: 0.001, as: Float.self)
        try step.run.execute()
      } catch { failure = error }
    }
    if let failure { throw failure }
    let rate = Int(Double(network.batch) / seconds)
    return .flops(
      "train \(network.name) batch \(network.batch) (\(rate) samples/s)",
      seconds: seconds,
      work: network.work * Double(network.batch),
      peak: peak
    )
  }

  private struct PreparedStep {
    /// Owns the memory that `run` works in.
    let session: Session
    let run: PreparedRun
    let features: ValueID
    let labels: ValueID
    let rate: ValueID
  }

  private func prepare(_ network: Network) throws -> PreparedStep {
    var context = LayerContext(mode: .training, seed: 1)
    let x = try context.graph.placeholder(
      "x",
      .float32,
      PartialShape([.symbol("N")] + network.architecture.inputSizes.map(Dimension.known))
    )
    let labels = try context.graph.placeholder("labels", .int64, ["N"])
    let logits = try network.architecture.logits(of: x, in: &context)
    let loss = try Loss.softmaxCrossEntropy(logits: logits, labels: labels, in: &context)
    let graph = try TrainingGraph(
      context,
      inputs: [x, labels],
      loss: loss,
      optimizer: network.optimizer
    )
    let session = try Session(graph.graph, options: SessionOptions(threads: threads))
    let run = try session.prepare(
      [loss],
      targets: graph.updates,
      inputShapes: [
        x: Shape([network.batch] + network.architecture.inputSizes), labels: [network.batch],
        graph.learningRate: [],
      ]
    )
    return PreparedStep(
      session: session,
      run: run,
      features: x,
      labels: labels,
      rate: graph.learningRate
    )
  }

  private var networks: [Network] {
    [
      Network(
        name: "mlp sgd",
        batch: 100,
        architecture: MLP.ofTheNotes,
        optimizer: SGD(),
        work: 3 * 532_400 - 470_400
      ),
      Network(
        name: "lenet adam",
        batch: 64,
        architecture: LeNet5(dropout: 0),
        optimizer: Adam(),
        work: 3 * 833_040 - 235_200
      ),
      Network(
        name: "cnn128 sgd",
        batch: 32,
        architecture: NotesCNN128(),
        optimizer: SGD(),
        work: 3 * 303_058_944 - 26_214_400
      ),
      Network(
        name: "cnn128 adam",
        batch: 32,
        architecture: NotesCNN128(),
        optimizer: Adam(),
        work: 3 * 303_058_944 - 26_214_400
      ),
      Network(
        name: "fashion-cnn adamw",
        batch: 128,
        architecture: FashionCNN(),
        optimizer: Adam.adamW(decay: 0.01),
        work: 3 * 11_448_320 - 451_584
      ),
    ]
  }
}

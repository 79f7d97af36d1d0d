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
    let model: Model
    let optimizer: any Optimizer
    /// Useful multiplications and additions of one step for one example, counted as two.
    let work: Double

    init(
      name: String,
      batch: Int,
      architecture: any Architecture,
      optimizer: any Optimizer,
      work: Double
    ) {
      self.init(
        name: name,
        batch: batch,
        model: .classifier(architecture),
        optimizer: optimizer,
        work: work
      )
    }

    init(name: String, batch: Int, model: Model, optimizer: any Optimizer, work: Double) {
      self.name = name
      self.batch = batch
      self.model = model
      self.optimizer = optimizer
      self.work = work
    }
  }

  private enum Model {
    /// Pixels to one of ten classes.
    case classifier(any Architecture)
    /// Each of `steps` tokens to the next one.
    case language(LanguageModel, steps: Int)

    /// What one example is: its input's sizes and type, and the sizes of its labels.
    var example: (input: [Int], type: DType, labels: [Int]) {
      switch self {
      case .classifier(let architecture): (architecture.inputSizes, .float32, [])
      case .language(_, let steps): ([steps], .int64, [steps])
      }
    }

    var classCount: Int {
      switch self {
      case .classifier: 10
      case .language(let model, _): model.vocabulary
      }
    }

    func loss(
      of x: ValueID,
      labels: ValueID,
      in context: inout LayerContext
    ) throws(GraphError) -> ValueID {
      switch self {
      case .classifier(let architecture):
        let logits = try architecture.logits(of: x, in: &context)
        return try Loss.softmaxCrossEntropy(logits: logits, labels: labels, in: &context)
      case .language(let model, _):
        let logits = try model.logits(of: x, in: &context)
        return try SequenceLoss.softmaxCrossEntropy(
          logits: logits,
          labels: labels,
          in: &context
        )
      }
    }
  }

  /// Embedding, a stack of LSTM layers, a dense layer at every step.
  private struct LanguageModel {
    let vocabulary, embedding, units, layers: Int

    func logits(of tokens: ValueID, in context: inout LayerContext) throws(GraphError) -> ValueID {
      let x = try Embedding("embedding", count: vocabulary, size: embedding)(tokens, in: &context)
      let stack = RecurrentStack(Recurrent("lstm", .lstm, units: units), depth: layers)
      let y = try stack(x, in: &context).steps
      return try Dense("logits", vocabulary)(y, in: &context)
    }

    /// Multiplications and additions of one token forward, counted as two.
    var work: Int {
      let first = 8 * units * (embedding + units)
      return first + (layers - 1) * 16 * units * units + 2 * units * vocabulary
    }
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
    for _ in 0..<20 { try step.run.executeProfiled(addingTo: &times) }
    return zip(step.run.stepNames, times).map { ($0, Double($1) / 20_000) }
  }

  private func measure(_ network: Network, peak: Double) throws -> BenchmarkResult {
    let step = try prepare(network)
    let example = network.model.example
    let classCount = network.model.classCount
    let inputCount = example.input.reduce(network.batch, *)
    let features: Tensor
    if example.type == .int64 {
      features = Tensor(vector: (0..<inputCount).map { Int64($0 * 31 % classCount) })
    } else {
      features = Tensor(Shape([inputCount])) { (buffer: UnsafeMutableBufferPointer<Float>) in
        if let base = buffer.baseAddress {
          ck_f32_uniform(3, 0, 0, Int64(inputCount), 0, 1, base, nil)
        }
      }
    }
    let labelCount = example.labels.reduce(network.batch, *)
    let labels = Tensor(vector: (0..<labelCount).map { Int64($0 % classCount) })
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
    let example = network.model.example
    let x = try context.graph.placeholder(
      "x",
      example.type,
      PartialShape([.symbol("N")] + example.input.map(Dimension.known))
    )
    let labels = try context.graph.placeholder(
      "labels",
      .int64,
      PartialShape([.symbol("N")] + example.labels.map(Dimension.known))
    )
    let loss = try network.model.loss(of: x, labels: labels, in: &context)
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
        x: Shape([network.batch] + example.input),
        labels: Shape([network.batch] + example.labels), graph.learningRate: [],
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

  private static let languageModel = LanguageModel(
    vocabulary: 65,
    embedding: 256,
    units: 512,
    layers: 2
  )

  private var networks: [Network] {
    [
      Network(
        name: "lstm adam",
        batch: 64,
        model: .language(Self.languageModel, steps: 50),
        optimizer: Adam(),
        work: 3 * 50 * Double(Self.languageModel.work)
      ),
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

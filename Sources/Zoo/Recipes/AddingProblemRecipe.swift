import Datasets
import GraphIR
import NN
import Training

/// What gates are for: an LSTM and a GRU solve the adding problem over 100 steps, a plain RNN does not; and what clipping is for: a
/// rectified RNN whose gradients explode trains with it.
package struct AddingProblemRecipe: Recipe {
  package let name = "adding-problem"
  package let summary = "memory over 100 steps by LSTM and GRU, not by RNN; exploding gradients"
  package let dataSets: [String] = []
  package let defaultEpochs = 20
  package let defaultSeed: UInt64 = 1

  /// T.
  var steps = 100
  var units = 64
  /// Training sequences; a tenth as many more are held out.
  var exampleCount = 20_000
  var trials = Self.allTrials

  package init() {}

  /// A squared error below this counts as solved: the constant answer has 1/6.
  package static let solvedError = 0.01

  /// One network and how it is trained.
  struct Trial: Sendable {
    var name: String
    var cell: RecurrentCell
    var activation: RecurrentActivation.Kind = .tanh
    var initializer = Initializer.orthogonalGates()
    var optimizer: any Optimizer
    var rate: Float
    var clipping: GradientClipping
  }

  static let allTrials = [
    Trial(name: "rnn", cell: .rnn, optimizer: Adam(), rate: 0.002, clipping: .globalNorm(1)),
    Trial(name: "gru", cell: .gru, optimizer: Adam(), rate: 0.002, clipping: .globalNorm(1)),
    Trial(name: "lstm", cell: .lstm, optimizer: Adam(), rate: 0.002, clipping: .globalNorm(1)),
    Trial(
      name: "relu_rnn_unclipped",
      cell: .rnn,
      activation: .relu,
      initializer: .identityGates,
      optimizer: Momentum(0.9),
      rate: 0.01,
      clipping: .none
    ),
    Trial(
      name: "relu_rnn_clipped",
      cell: .rnn,
      activation: .relu,
      initializer: .identityGates,
      optimizer: Momentum(0.9),
      rate: 0.01,
      clipping: .globalNorm(1)
    ),
  ]

  /// What came of one trial.
  enum Outcome {
    /// The squared error on held-out sequences.
    case trained(error: Double)
    /// The loss was no longer finite.
    case diverged(step: Int)
  }

  /// The metrics are the held-out squared errors, `diverged_step` where the loss stopped being finite.
  package func run(
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> RecipeResult {
    var metrics: [String: Double] = [:]
    var lines = [
      "trial               squared error (always 1: \(Self.short(AddingProblem.constantError)))"
    ]
    for trial in trials {
      try report(.message("\(trial.name):"))
      let name = trial.name + String(repeating: " ", count: max(0, 20 - trial.name.count))
      switch try outcome(of: trial, request, report: report) {
      case .trained(let error):
        metrics["\(trial.name)_squared_error"] = error
        lines.append(name + Self.short(error) + (error < Self.solvedError ? "  solved" : ""))
      case .diverged(let step):
        metrics["\(trial.name)_diverged_step"] = Double(step)
        lines.append(name + "diverged at step \(step)")
      }
      if request.control.isStopRequested { break }
    }
    try report(.message(lines.joined(separator: "\n")))
    return RecipeResult(metrics: metrics)
  }

  private func outcome(
    of trial: Trial,
    _ request: RecipeRequest,
    report: (RecipeEvent) throws -> Void
  ) throws -> Outcome {
    let seed = request.seed ?? defaultSeed
    let problem = AddingProblem(steps: steps)
    let layer = Recurrent(
      trial.name,
      trial.cell,
      units: units,
      activation: trial.activation,
      recurrentInitializer: trial.initializer
    )
    var training = LayerContext(mode: .training, seed: seed)
    let (inputs, loss) = try problem.loss(of: layer, in: &training)
    var evaluation = LayerContext(mode: .inference, drawsInitialValues: false)
    let (measuredInputs, measuredLoss) = try problem.loss(of: layer, in: &evaluation)
    let trainer = try Trainer(
      TrainingGraph(
        training,
        inputs: inputs,
        loss: loss,
        optimizer: trial.optimizer,
        clipping: trial.clipping
      ),
      options: TrainingOptions(
        epochs: request.epochs ?? defaultEpochs,
        batchSize: 50,
        seed: seed,
        schedule: .constant(trial.rate),
        threads: request.threads
      ),
      examples: problem.examples(exampleCount, seed: seed &+ 1),
      evaluation: EvaluationGraph(evaluation, inputs: measuredInputs, loss: measuredLoss),
      validation: problem.examples(max(exampleCount / 10, 1), seed: seed &+ 2)
    )
    do {
      let result = try trainer.run(control: request.control) { try report(.training($0)) }
      return .trained(error: result.epochs.last?.validation?.loss ?? .infinity)
    } catch TrainingError.lossNotFinite(let step, _, _, _) {
      return .diverged(step: step)
    }
  }

  private static func short(_ value: Double) -> String {
    String((value * 100_000).rounded() / 100_000)
  }
}

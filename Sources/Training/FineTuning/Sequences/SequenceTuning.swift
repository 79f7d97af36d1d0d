import Engine
import GraphIR
import NN
package import Tensors

/// Trains a served sequence model further, as `FineTuning` does a model of rows: same options, checkpoints and determinism.
package final class SequenceTuning: TuningRun {
  package let network: SequenceNetwork
  package let objective: SequenceObjective
  package let options: FineTuningOptions
  package let trainedParameterCount: Int

  private let trained: Set<String>
  private let batches: any BatchSource
  private let validation: (any BatchSource)?
  private let stepGraph: TrainingGraph

  /// Prepares a fine-tuning: what can be wrong with the graphs or the options is found here.
  ///
  /// - Parameters:
  ///   - network: what to start from.
  ///   - objective: what it learns.
  ///   - options: how; task, new classes and augmentation have no meaning here.
  ///   - batches: columns as `network.inputs`, then those of the objective.
  ///   - validation: measured after every epoch.
  /// - Throws: `FineTuningError`, `GraphError`.
  package init(
    _ network: SequenceNetwork,
    _ objective: SequenceObjective,
    options: FineTuningOptions,
    batches: any BatchSource,
    validation: (any BatchSource)? = nil
  ) throws {
    try options.validate(hasValidation: validation != nil)
    self.network = network
    self.objective = objective
    self.options = options
    self.batches = batches
    self.validation = validation
    let frozen = try ModelLayer.variables(matching: options.freeze, in: network.layers)
    let trained = Set(network.layers.flatMap(\.variables)).subtracting(frozen)
    guard !trained.isEmpty else {
      throw FineTuningError.option(
        "every layer is frozen; leave one of "
          + network.layers.map(\.name).joined(separator: ", ") + " to be trained"
      )
    }
    self.trained = trained
    trainedParameterCount = trained.reduce(0) { sum, name in
      let value = network.graph.value(named: name).map { network.graph[$0] }
      return sum + (value?.type.shape.concrete?.elementCount ?? 0)
    }
    stepGraph = try Self.stepGraph(network, objective, options, trained)
  }

  package var stepsPerEpoch: Int { batches.batchesPerPass }

  package func run(
    from checkpoint: TrainingCheckpoint?,
    control: TrainingControl,
    observer: (TrainingEvent) throws -> Void
  ) throws -> FineTuningReport {
    let trainer = try Trainer(
      stepGraph,
      options: options.trainingOptions(stepsPerEpoch: stepsPerEpoch),
      batches: batches,
      evaluation: try validation.map { _ in try Self.evaluationGraph(network, objective) },
      validation: validation
    )
    if let checkpoint { try trainer.resume(from: checkpoint) }
    let report = try trainer.run(control: control, observer: observer)
    let names = Set(network.graph.variables.map { network.graph[$0].name })
    return FineTuningReport(
      end: report.end,
      epochs: trainer.history,
      bestEpoch: report.bestEpoch,
      steps: report.steps,
      weights: try trainer.variables().filter { names.contains($0.key) },
      frozenValues: .computedEachStep(reason: "sequences have no fixed shape")
    )
  }

  /// Loss and share of right answers of a model on batches.
  ///
  /// - Parameters:
  ///   - network: the model.
  ///   - objective: what it learns.
  ///   - weights: by name of variable; the model's own where there is none.
  ///   - batches: as for `init`.
  ///   - threads: that the engine may use.
  ///   - control: stops the measurement between two batches.
  ///   - yield: called between batches and within long ones.
  /// - Returns: The metrics, weighted as the batches say.
  /// - Throws: `TrainingError.stopped` where `control` asks for it; what the engine throws.
  package static func measure(
    _ network: SequenceNetwork,
    _ objective: SequenceObjective,
    weights: [String: Tensor] = [:],
    _ batches: any BatchSource,
    threads: Int = 1,
    control: TrainingControl? = nil,
    yield: (@Sendable () -> Void)? = nil
  ) throws -> EvaluationMetrics {
    let graph = try evaluationGraph(network, objective)
    let evaluator = try Evaluator(graph, batchSize: 1, threads: threads, yield: yield)
    if !weights.isEmpty { try evaluator.setVariables(weights) }
    return try evaluator.evaluate(batches, control: control)
  }

  // MARK: - Graphs

  private static func stepGraph(
    _ network: SequenceNetwork,
    _ objective: SequenceObjective,
    _ options: FineTuningOptions,
    _ trained: Set<String>
  ) throws -> TrainingGraph {
    let graph = network.graph
    let form = try TrainingForm(
      of: graph,
      output: graph[network.output].name,
      trained: trained,
      dropout: options.dropout,
      head: nil
    )
    var context = LayerContext(graph: form.graph, mode: .training)
    let values = try objective.add(to: form.graph.outputs[0], in: &context)
    for (variable, value) in form.updates { try context.update(variable, to: value) }
    let variables = form.graph.variables.filter { trained.contains(form.graph[$0].name) }
    // Decay pulls on weights, not on biases and normalisations.
    for variable in variables where (context.graph[variable].type.shape.rank ?? 0) >= 2 {
      context.decay(variable)
    }
    let inputs = try network.inputs.map { input throws(GraphError) -> ValueID in
      guard let copy = form.graph.value(named: graph[input].name) else {
        throw GraphError.unknownValue(graph[input].name)
      }
      return copy
    }
    do {
      return try TrainingGraph(
        context,
        inputs: inputs + values.inputs,
        loss: values.loss,
        correct: values.correct,
        optimizer: options.optimizer.optimizer(weightDecay: options.weightDecay),
        clipping: options.clipNorm.map { .globalNorm($0) } ?? .none,
        variables: variables
      )
    } catch {
      throw FineTuningGraphs.explained(error)
    }
  }

  private static func evaluationGraph(
    _ network: SequenceNetwork,
    _ objective: SequenceObjective
  ) throws -> EvaluationGraph {
    var context = LayerContext(graph: network.graph, mode: .inference)
    let values = try objective.add(to: network.output, in: &context)
    return EvaluationGraph(
      context,
      inputs: network.inputs + values.inputs,
      loss: values.loss,
      correct: values.correct
    )
  }
}

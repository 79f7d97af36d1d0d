import GraphIR
import NN
import Tensors

/// The graphs of one fine-tuning: a step and an evaluation, of the whole network or of what stands behind a frontier.
struct FineTuningGraphs {
  let model: FineTunableModel
  let task: FineTuningTask
  let form: TrainingForm
  /// Names of the variables that training changes by gradient.
  let trained: Set<String>

  /// A value at which the network is cut: its name, and what the examples hold in its place.
  struct Cut {
    var name: String
    var column: ExampleColumn
  }

  init(
    _ model: FineTunableModel,
    task: FineTuningTask,
    trained: Set<String>,
    dropout: DropoutChoice
  ) throws {
    self.model = model
    self.task = task
    self.trained = trained
    var head: String?
    if case .rate = dropout { head = (try? model.head()).map { model.graph[$0.node].name } }
    form = try TrainingForm(
      of: model.network,
      output: model.predictionName(for: task),
      trained: trained,
      dropout: dropout,
      head: head
    )
  }

  /// One optimisation step; gradients are only made for trained variables.
  ///
  /// - Throws: `FineTuningError.noGradient` for a node between a trained variable and the loss that has none.
  func training(
    _ optimizer: any Optimizer,
    clipping: GradientClipping,
    cutAt cuts: [Cut] = []
  ) throws -> TrainingGraph {
    var copy = GraphCopy(of: form.graph)
    let inputs = try Self.addInputs(cuts, to: &copy)
    let output = form.graph.outputs[0]
    try copy.addAll(for: [output] + form.updates.map(\.value))
    let prediction = try copy.value(output)
    var updates: [(variable: ValueID, value: ValueID)] = []
    for update in form.updates {
      updates.append((try copy.value(update.variable), try copy.value(update.value)))
    }
    var context = LayerContext(graph: copy.graph, mode: .training)
    let values = try task.addLoss(on: prediction, classCount: model.classCount, in: &context)
    for (variable, value) in updates { try context.update(variable, to: value) }
    let network = context.graph
    let variables = network.variables.filter { trained.contains(network[$0].name) }
    // Decay pulls on weights, not on biases and normalisations.
    for variable in variables where (context.graph[variable].type.shape.rank ?? 0) >= 2 {
      context.decay(variable)
    }
    do {
      return try TrainingGraph(
        context,
        inputs: inputs + [values.labels],
        loss: values.loss,
        correct: values.correct,
        optimizer: optimizer,
        clipping: clipping,
        variables: variables
      )
    } catch {
      throw Self.explained(error)
    }
  }

  /// Says of a missing gradient what can be done about it.
  static func explained(_ error: GraphError) -> any Error {
    guard case .unsupported(let node, let op, let detail) = error else { return error }
    let prefix = "gradient: "
    let reason = detail.hasPrefix(prefix) ? String(detail.dropFirst(prefix.count)) : detail
    return FineTuningError.noGradient(node: node, op: op.description, reason: reason)
  }

  /// Loss and right answers in inference mode, and the predictions [N, K] that they come from.
  func evaluation(
    cutAt cuts: [Cut] = []
  ) throws -> (graph: EvaluationGraph, predictions: ValueID) {
    try Self.evaluation(model, task, cutAt: cuts)
  }

  /// The evaluation of any model.
  static func evaluation(
    _ model: FineTunableModel,
    _ task: FineTuningTask,
    cutAt cuts: [Cut] = []
  ) throws -> (graph: EvaluationGraph, predictions: ValueID) {
    let name = model.predictionName(for: task)
    guard let output = model.network.value(named: name) else {
      throw GraphError.unknownValue(name)
    }
    var copy = GraphCopy(of: model.network)
    let inputs = try addInputs(cuts, to: &copy)
    try copy.addAll(for: [output])
    let prediction = try copy.value(output)
    var context = LayerContext(graph: copy.graph, mode: .inference)
    let values = try task.addLoss(on: prediction, classCount: model.classCount, in: &context)
    let graph = EvaluationGraph(
      context,
      inputs: inputs + [values.labels],
      loss: values.loss,
      correct: values.correct
    )
    return (graph, values.predictions)
  }

  /// Placeholders for the cuts, or for the network's own input.
  private static func addInputs(_ cuts: [Cut], to copy: inout GraphCopy) throws -> [ValueID] {
    var inputs: [ValueID] = []
    if cuts.isEmpty {
      for input in copy.source.inputs { inputs.append(try copy.value(input)) }
    }
    for cut in cuts {
      guard let value = copy.source.value(named: cut.name) else {
        throw GraphError.unknownValue(cut.name)
      }
      let rows = copy.source[copy.source.inputs[0]].type.shape.dimensions?.first ?? .unknown
      let sizes = cut.column.rowShape.dimensions.map(Dimension.known)
      try copy.feed(value, shape: PartialShape([rows] + sizes))
      inputs.append(try copy.value(value))
    }
    return inputs
  }
}

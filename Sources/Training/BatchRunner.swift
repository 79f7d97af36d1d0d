import Engine
import GraphIR
import Tensors

/// Feeds batches to prepared plans: one plan for each set of shapes, inputs written in place.
struct BatchRunner {
  let session: Session
  private let inputs: [ValueID]
  private let fetches: [ValueID]
  private let updates: [ValueID]
  private let rate: ValueID?
  private let hasCorrect: Bool
  private var prepared: [[BatchColumn]: PreparedRun] = [:]

  /// Fetches the loss and the number of right answers where there is one; the updates only happen.
  init(
    session: Session,
    inputs: [ValueID],
    loss: ValueID,
    correct: ValueID?,
    updates: [ValueID] = [],
    rate: ValueID? = nil
  ) {
    self.session = session
    self.inputs = inputs
    self.rate = rate
    hasCorrect = correct != nil
    fetches = [loss] + (correct.map { [$0] } ?? [])
    self.updates = updates
  }

  /// Fetches anything else.
  init(session: Session, inputs: [ValueID], fetches: [ValueID]) {
    self.session = session
    self.inputs = inputs
    self.fetches = fetches
    rate = nil
    hasCorrect = false
    updates = []
  }

  /// Runs one batch of a training.
  mutating func run(
    _ source: any BatchSource,
    _ batch: Batch,
    rate value: Float = 0
  ) throws -> (loss: Float, correct: Float?) {
    let run = try execute(source, batch, rate: value)
    return (
      run.output(0).loadUnaligned(as: Float.self),
      hasCorrect ? run.output(1).loadUnaligned(as: Float.self) : nil
    )
  }

  /// Runs a batch and gives the plan, whose outputs are the fetches.
  mutating func execute(
    _ source: any BatchSource,
    _ batch: Batch,
    rate value: Float = 0
  ) throws -> PreparedRun {
    let run = try plan(for: source.columns(of: batch))
    for (column, input) in inputs.enumerated() {
      let buffer = run.input(input)
      // A column that the fetches do not need has no memory.
      if !buffer.isEmpty { try source.copy(batch, column: column, to: buffer) }
    }
    if let rate { run.input(rate).storeBytes(of: value, as: Float.self) }
    try run.execute()
    return run
  }

  private mutating func plan(for columns: [BatchColumn]) throws -> PreparedRun {
    if let known = prepared[columns] { return known }
    guard columns.count == inputs.count else {
      throw TrainingError.data("\(columns.count) columns of examples for \(inputs.count) inputs")
    }
    var shapes: [ValueID: Shape] = [:]
    for (column, input) in zip(columns, inputs) {
      let type = session.graph[input].type
      guard type.dtype == column.dtype, type.shape.accepts(column.shape) else {
        throw TrainingError.data(
          "input \(session.graph[input].name) is \(type), "
            + "the examples are \(column.dtype)\(column.shape)"
        )
      }
      shapes[input] = column.shape
    }
    if let rate { shapes[rate] = [] }
    let run = try session.prepare(fetches, targets: updates, inputShapes: shapes)
    // The session drops plans that were not used for long; so must this.
    if prepared.count >= Session.plansMax { prepared = [:] }
    prepared[columns] = run
    return run
  }
}

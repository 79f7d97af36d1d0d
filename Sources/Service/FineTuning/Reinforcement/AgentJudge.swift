import Engine
import GraphIR
import Reinforcement
import Tensors
import Training

/// Measures a policy: by episodes in its environment, where the server knows it, and by its errors on held-out transitions.
struct AgentJudge {
  private let session: Session
  private let input: ValueID
  private let values: ValueID
  private let format: QValueFormat
  private let control: TrainingControl

  /// Observations valued together.
  private static let rowsMax = 256

  /// - Parameters:
  ///   - graph: as it is served.
  ///   - valuesName: the output of the Q-values.
  ///   - format: what it takes.
  ///   - threads: of a run.
  ///   - control: a requested stop ends a measurement.
  ///   - yield: lets predictions go first.
  /// - Throws: `FineTuningError.model` for a graph without these values; what the engine throws.
  init(
    _ graph: Graph,
    valuesName: String,
    _ format: QValueFormat,
    threads: Int,
    control: TrainingControl,
    yield: @escaping @Sendable () -> Void
  ) throws {
    guard let input = graph.inputs.first, let values = graph.value(named: valuesName) else {
      throw FineTuningError.model("it has no output '\(valuesName)'")
    }
    session = try Session(graph, options: SessionOptions(threads: threads, yield: yield))
    self.input = input
    self.values = values
    self.format = format
    self.control = control
  }

  /// The mean return of greedy episodes; the same seed gives the same episodes to every policy.
  ///
  /// - Throws: `TrainingError.stopped`; what the engine throws.
  func meanReturn(
    in environment: any Environment,
    episodes: Int,
    seed: UInt64
  ) throws -> Double {
    let run = try prepare(rows: 1)
    return try EpisodeReturns(in: environment, episodes: episodes, seed: seed) { observation in
      if control.isStopRequested { throw TrainingError.stopped }
      fill(run, Array(observation), row: 0)
      try run.execute()
      return ActionRow(values: row(0, of: run)).greedyAction
    }.mean
  }

  /// The mean over held-out transitions of |q(s,a) - (r + discount * q(s', a*))|, a* the best action, all by this network.
  ///
  /// The Bellman error: how well the values agree with each other and with the rewards, not how well the policy acts.
  ///
  /// - Throws: `TrainingError.stopped`; what the engine throws.
  func temporalError(
    _ batch: TransitionBatch,
    rows: [Int],
    discount: Double
  ) throws -> Double {
    var sum = 0.0
    var start = 0
    while start < rows.count {
      if control.isStopRequested { throw TrainingError.stopped }
      let part = Array(rows[start..<min(start + Self.rowsMax, rows.count)])
      let run = try prepare(rows: part.count)
      for (place, row) in part.enumerated() {
        fill(run, batch.observation(row, isNext: true), row: place)
      }
      try run.execute()
      let best = part.indices.map { place in
        let values = self.row(place, of: run)
        return Double(values[ActionRow(values: values).greedyAction])
      }
      for (place, row) in part.enumerated() { fill(run, batch.observation(row), row: place) }
      try run.execute()
      for (place, row) in part.enumerated() {
        let rest = batch.ends[row].contains(.terminated) ? 0 : discount * best[place]
        let value = Double(self.row(place, of: run)[Int(batch.actions[row])])
        sum += abs(value - (Double(batch.rewards[row]) + rest))
      }
      start += part.count
    }
    return sum / Double(max(rows.count, 1))
  }

  private func prepare(rows: Int) throws -> PreparedRun {
    try session.prepare(
      [values],
      inputShapes: [input: try Shape(validating: [rows] + format.sizes)]
    )
  }

  private func fill(_ run: PreparedRun, _ observation: [Float], row: Int) {
    let target = run.input(input)
    if format.states != nil {
      target.bindMemory(to: Int64.self)[row] = Int64(observation.first ?? 0)
      return
    }
    let numbers = target.bindMemory(to: Float.self)
    for (index, value) in observation.enumerated() { numbers[row * format.count + index] = value }
  }

  private func row(_ row: Int, of run: PreparedRun) -> UnsafeBufferPointer<Float> {
    let values = run.output(0).assumingMemoryBound(to: Float.self)
    let count = format.actions.count
    return UnsafeBufferPointer(rebasing: values[(row * count)..<((row + 1) * count)])
  }
}

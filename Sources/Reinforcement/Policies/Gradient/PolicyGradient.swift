import Engine
import GraphIR
package import Tensors
import Training

/// REINFORCE: plays episodes with a stochastic policy and makes actions more probable by how much better than usual they turned out.
///
/// R. J. Williams, Simple statistical gradient-following algorithms for connectionist reinforcement learning (1992), with a baseline; Sutton &
/// Barto 2018, section 13.4. All episodes of an update are played at once, one batch of observations per step. As a policy it takes the
/// most probable action.
///
/// A run is a function of the options' seed, on machines with the same instruction set.
package final class PolicyGradient: Policy {
  /// The stream of random numbers from which actions are drawn, plus the number of the update.
  package static let stream: UInt64 = 0x9E1F_0000

  /// What came of an update.
  package struct Update: Equatable, Sendable {
    /// From 1.
    package var number: Int
    /// The mean sum of rewards of the update's episodes, played with the policy before it.
    package var meanReturn: Double
    package var loss: Float
    /// Since the very beginning.
    package var episodes: Int
    package var steps: Int
  }

  package let network: PolicyNetwork
  package let options: PolicyGradientOptions

  private let graph: PolicyGradientGraph
  private let session: Session
  private var environments: VectorEnvironment
  private let acting: PreparedRun
  private let actingAlone: PreparedRun
  private var updateCount = 0
  private var stepCount = 0
  /// The largest return of the first update, which the baseline learns as 1: its steps are about as large whatever the rewards.
  private var returnUnit: Float?

  /// Rows of the smallest batch; larger ones have twice as many and so on, so that few plans are needed.
  private static let rowsMin = 256

  /// - Throws: `TrainingError.option`; `GraphError` where the network does not fit.
  package init(
    _ network: PolicyNetwork,
    in environment: any Environment,
    options: PolicyGradientOptions
  ) throws {
    try options.validate()
    let specification = environment.specification
    guard network.observationSize == specification.observation.count,
      network.actionCount == specification.actions.count
    else {
      throw TrainingError.option(
        "a policy of \(network.observationSize) numbers and \(network.actionCount) actions for \(specification.name), which has "
          + "\(specification.observation.count) and \(specification.actions.count)"
      )
    }
    self.network = network
    self.options = options
    graph = try PolicyGradientGraph(network, options)
    session = try Session(graph.training.graph, options: SessionOptions(threads: options.threads))
    environments = VectorEnvironment(environment, count: options.episodes)
    let rows: Shape = [options.episodes, network.observationSize]
    acting = try session.prepare([graph.probabilities], inputShapes: [graph.observation: rows])
    let row: Shape = [1, network.observationSize]
    actingAlone = try session.prepare([graph.probabilities], inputShapes: [graph.observation: row])
  }

  /// Plays the episodes of one update and learns from them.
  ///
  /// - Throws: `TrainingError.lossNotFinite`.
  package func update() throws -> Update {
    let episodes = try play()
    let steps = episodes.reduce(0) { $0 + $1.stepCount }
    let loss = try learn(from: episodes, steps: steps)
    updateCount += 1
    stepCount += steps
    return Update(
      number: updateCount,
      meanReturn: episodes.reduce(0) { $0 + $1.total } / Double(episodes.count),
      loss: loss,
      episodes: updateCount * options.episodes,
      steps: stepCount
    )
  }

  package func action(for observation: UnsafeBufferPointer<Float>) throws -> Int {
    actingAlone.input(graph.observation).copyMemory(from: UnsafeRawBufferPointer(observation))
    try actingAlone.execute()
    let probabilities = actingAlone.output(0).assumingMemoryBound(to: Float.self)
    var best = 0
    for action in probabilities.indices where probabilities[action] > probabilities[best] {
      best = action
    }
    return best
  }

  /// The policy's variables by name, for `PolicyNetwork.servingGraph`; not the baseline's nor the optimiser's.
  package func weights() throws -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    for variable in policyVariables() {
      result[session.graph[variable].name] = try session.value(of: variable)
    }
    return result
  }

  /// Goes back to former weights.
  ///
  /// - Throws: `TrainingError.checkpoint` where one is missing; `EngineError.feedType` for one of another shape.
  package func setWeights(_ weights: [String: Tensor]) throws {
    for variable in policyVariables() {
      let name = session.graph[variable].name
      guard let value = weights[name] else {
        throw TrainingError.checkpoint("no weights for \(name)")
      }
      try session.assign(variable, value)
    }
  }

  private func policyVariables() -> [ValueID] {
    let names = Set(network.layers.flatMap { ["\($0.name)/weight", "\($0.name)/bias"] })
    return session.graph.variables.filter { names.contains(session.graph[$0].name) }
  }

  /// One whole episode in each environment; one that is through idles along until the last is.
  private func play() throws -> [PlayedEpisode] {
    let count = options.episodes
    let width = network.observationSize
    // No episode is played twice: seeds of updates and environments are all different.
    let seed = options.seed &* 0x1_0000_0000 &+ UInt64(updateCount * count)
    environments.reset(seed: seed)
    var random = Philox(seed: options.seed, stream: Self.stream &+ UInt64(updateCount))
    var episodes = Array(repeating: PlayedEpisode(), count: count)
    var isPlaying = Array(repeating: true, count: count)
    var actions = Array(repeating: 0, count: count)
    while isPlaying.contains(true) {
      environments.observations.withUnsafeBytes {
        acting.input(graph.observation).copyMemory(from: $0)
      }
      try acting.execute()
      let probabilities = acting.output(0).assumingMemoryBound(to: Float.self)
      for index in 0..<count {
        let row = (index * network.actionCount)..<((index + 1) * network.actionCount)
        actions[index] = Self.draw(probabilities[row], random.uniform())
        guard isPlaying[index] else { continue }
        episodes[index].observations +=
          environments.observations[(index * width)..<((index + 1) * width)]
        episodes[index].actions.append(Int64(actions[index]))
      }
      environments.step(actions)
      for index in 0..<count where isPlaying[index] {
        episodes[index].rewards.append(environments.results[index].reward)
        isPlaying[index] = !environments.results[index].isEnd
      }
    }
    return episodes
  }

  /// The position at which the running sum of probabilities passes a number in [0, 1).
  private static func draw(_ probabilities: Slice<UnsafeBufferPointer<Float>>, _ number: Float)
    -> Int
  {
    var sum: Float = 0
    for (index, probability) in probabilities.enumerated() {
      sum += probability
      if number < sum { return index }
    }
    return probabilities.count - 1
  }

  private func learn(from episodes: [PlayedEpisode], steps: Int) throws -> Float {
    var rows = Self.rowsMin
    while rows < steps { rows *= 2 }
    let observations = episodes.flatMap(\.observations)
    let returns = episodes.flatMap { $0.returns(discount: options.discount) }
    let unit = returnUnit ?? max(returns.reduce(0) { max($0, abs($1)) }, 1e-6)
    returnUnit = unit
    let targets = returns.map { $0 / unit }
    let advantages = try advantages(of: returns, observations, rows: rows, unit: unit)

    let training = graph.training
    let size: Shape = [rows]
    let run = try session.prepare(
      [training.loss],
      targets: training.updates,
      inputShapes: [
        graph.observation: [rows, network.observationSize], graph.action: size,
        graph.advantage: size, graph.weight: size, graph.target: size, training.learningRate: [],
      ]
    )
    let weight = 1 / Float(steps)
    fill(run.input(graph.observation), observations)
    fill(run.input(graph.action), episodes.flatMap(\.actions))
    fill(run.input(graph.advantage), advantages.map { $0 * weight })
    fill(run.input(graph.weight), Array(repeating: weight, count: steps))
    fill(run.input(graph.target), targets)
    let rate = options.schedule.rate(at: updateCount)
    fill(run.input(training.learningRate), [rate])
    try run.execute()
    let loss = run.output(0).loadUnaligned(as: Float.self)
    guard loss.isFinite else {
      throw TrainingError.lossNotFinite(step: updateCount + 1, epoch: 1, loss: loss, rate: rate)
    }
    return loss
  }

  /// Returns less what the baseline expects, around 0 in units of their deviation where asked for.
  private func advantages(
    of returns: [Float],
    _ observations: [Float],
    rows: Int,
    unit: Float
  ) throws -> [Float] {
    var result = returns
    if let values = graph.values {
      let run = try session.prepare(
        [values],
        inputShapes: [graph.observation: [rows, network.observationSize]]
      )
      fill(run.input(graph.observation), observations)
      try run.execute()
      let expected = run.output(0).assumingMemoryBound(to: Float.self)
      for index in result.indices { result[index] -= expected[index] * unit }
    }
    if options.baseline == .mean || options.normalisesReturns {
      let mean = result.reduce(0, +) / Float(result.count)
      result = result.map { $0 - mean }
    }
    if options.normalisesReturns {
      let variance = result.reduce(0) { $0 + $1 * $1 } / Float(result.count)
      // Nothing to learn where all returns are equal: 0 by anything.
      let deviation = variance.squareRoot() + 1e-8
      result = result.map { $0 / deviation }
    }
    return result
  }

  /// Copies numbers to the start of an input and zeros behind them.
  private func fill<Element>(_ input: UnsafeMutableRawBufferPointer, _ numbers: [Element]) {
    numbers.withUnsafeBytes { bytes in
      guard !input.isEmpty else { return }
      input.copyMemory(from: bytes)
      UnsafeMutableRawBufferPointer(rebasing: input[bytes.count...]).initializeMemory(
        as: UInt8.self,
        repeating: 0
      )
    }
  }
}

import Engine
import GraphIR
package import Tensors
import Training

/// Learns a Q-network from transitions in a replay memory.
///
/// Deep Q-learning of Mnih and others 2015; double learning, n-step returns, prioritised replay and dueling heads as Hessel and others
/// 2018 put them together.
///
/// One session holds the online network, the target network and the optimiser's state; an update is one run of one plan. Everything that
/// an update depends on is in the memory, the session's variables and the number of updates done, so that a learner whose variables
/// and count were set goes on with the same bits.
package final class DQNLearner {
  package let network: QNetwork
  package let options: DQNOptions
  /// The shape of one observation.
  package let rowShape: Shape
  /// Updates done since the very beginning.
  package private(set) var updateCount = 0

  private let graph: DQNGraph
  private let session: Session
  private let step: StepPlan
  private let follow: PreparedRun
  private var sample = ReplaySample()
  private var actingPlans: [Int: PreparedRun] = [:]

  /// What came of an update.
  package struct Update: Sendable, Equatable {
    /// The mean of the weighted Huber losses.
    package var loss: Float
    /// The mean of the largest values of the observations in the batch.
    package var meanValue: Float
    package var learningRate: Float
  }

  /// The plan of an update and the places of its operands.
  private struct StepPlan {
    let run: PreparedRun
    let observation, next: UnsafeMutableRawBufferPointer
    let action: UnsafeMutableBufferPointer<Int64>
    let reward, discount, weight, rate: UnsafeMutableBufferPointer<Float>
  }

  /// Builds the learner: everything that can be wrong with network and options is found here.
  ///
  /// - Parameters:
  ///   - network: its variables' initial values are where learning starts, of the target network too.
  ///   - options: how.
  ///   - observationShape: of one observation, where the network leaves sizes open.
  /// - Throws: `TrainingError.option`; `ReinforcementError.network`; `FineTuningError.noGradient` for a node that cannot be
  ///   differentiated.
  package init(
    _ network: QNetwork,
    options: DQNOptions,
    observationShape: Shape? = nil
  ) throws {
    try options.validate()
    self.network = network
    self.options = options
    guard let row = observationShape ?? network.observationShape.concrete else {
      throw ReinforcementError.network(
        "its observation is \(network.observationShape); give the sizes that it leaves open"
      )
    }
    graph = try DQNGraph(network, options)
    session = try Session(
      graph.training.graph,
      options: SessionOptions(threads: options.threads, yield: options.yield)
    )
    let size: Shape = [options.batchSize]
    let rows = try Shape(validating: [options.batchSize] + row.dimensions)
    let run = try session.prepare(
      [graph.training.loss, graph.errors, graph.values],
      targets: graph.training.updates,
      inputShapes: [
        graph.observation: rows, graph.next: rows, graph.action: size, graph.reward: size,
        graph.discount: size, graph.weight: size, graph.training.learningRate: [],
      ]
    )
    step = StepPlan(
      run: run,
      observation: run.input(graph.observation),
      next: run.input(graph.next),
      action: run.input(graph.action).bindMemory(to: Int64.self),
      reward: run.input(graph.reward).bindMemory(to: Float.self),
      discount: run.input(graph.discount).bindMemory(to: Float.self),
      weight: run.input(graph.weight).bindMemory(to: Float.self),
      rate: run.input(graph.training.learningRate).bindMemory(to: Float.self)
    )
    follow = try session.prepare([], targets: graph.targetUpdates, inputShapes: [:])
    rowShape = row
  }

  /// One update with transitions drawn from a memory; gives them new priorities.
  ///
  /// - Throws: `ReinforcementError.replay` for an empty memory or one of other observations or actions; `TrainingError.lossNotFinite`.
  @discardableResult
  package func update(from memory: ReplayMemory) throws -> Update {
    try check(memory)
    var random = Philox(seed: options.seed, stream: Self.drawStream &+ UInt64(updateCount))
    memory.draw(
      options.batchSize,
      beta: options.beta(at: updateCount),
      using: &random,
      into: &sample
    )
    load(sample, of: memory)
    let update = try execute()
    memory.setPriorities(of: sample, errors: errors)
    return update
  }

  /// One update with a given minibatch.
  ///
  /// - Returns: what came of it; `errors` holds each transition's.
  /// - Throws: `ReinforcementError.replay` for a batch of another size; `TrainingError.lossNotFinite`.
  @discardableResult
  package func update(on batch: DQNBatch) throws -> Update {
    func copy(_ tensor: Tensor, _ target: UnsafeMutableRawBufferPointer) throws {
      guard tensor.byteCount == target.count else {
        throw ReinforcementError.replay(
          "a batch holds \(tensor.dtype)\(tensor.shape), "
            + "an update takes \(options.batchSize) observations of \(rowShape)"
        )
      }
      tensor.withBytes { target.copyMemory(from: $0) }
    }
    try copy(batch.observation, step.observation)
    try copy(batch.next, step.next)
    try copy(batch.action, UnsafeMutableRawBufferPointer(step.action))
    try copy(batch.reward, UnsafeMutableRawBufferPointer(step.reward))
    try copy(batch.discount, UnsafeMutableRawBufferPointer(step.discount))
    try copy(batch.weight, UnsafeMutableRawBufferPointer(step.weight))
    return try execute()
  }

  /// q(observation, action) - y of the last update's transitions.
  package var errors: UnsafeBufferPointer<Float> {
    step.run.output(1).assumingMemoryBound(to: Float.self)
  }

  /// What each step of an update runs, for profiles.
  package var stepNames: [String] { step.run.stepNames }

  /// Updates once more with the last minibatch and adds each step's nanoseconds to `times`.
  package func profile(addingTo times: inout [Int]) throws {
    try step.run.executeProfiled(addingTo: &times)
  }

  /// Runs the plan on the operands in place.
  private func execute() throws -> Update {
    let rate = options.schedule.rate(at: updateCount)
    step.rate[0] = rate
    try step.run.execute()
    let loss = step.run.output(0).loadUnaligned(as: Float.self)
    guard loss.isFinite else {
      throw TrainingError.lossNotFinite(step: updateCount + 1, epoch: 1, loss: loss, rate: rate)
    }
    let update = Update(loss: loss, meanValue: meanValue, learningRate: rate)
    updateCount += 1
    switch options.target {
    case .soft: try follow.execute()
    case .hard(let every): if updateCount % every == 0 { try follow.execute() }
    }
    return update
  }

  /// The values of observations, [N, A] row-major.
  ///
  /// - Parameter observations: N rows of `rowShape`, as the network takes them.
  /// - Returns: row after row.
  /// - Throws: `ReinforcementError.network` where they are not whole rows.
  package func values(of observations: UnsafeBufferPointer<Float>) throws -> [Float] {
    Array(try evaluate(observations))
  }

  /// The action of the largest value; the first of equal ones.
  package func greedyAction(_ observation: UnsafeBufferPointer<Float>) throws -> Int {
    ActionRow(values: try evaluate(observation)).greedyAction
  }

  /// The values, in the plan's memory until its next run.
  func evaluate(
    _ observations: UnsafeBufferPointer<Float>
  ) throws -> UnsafeBufferPointer<Float> {
    let size = max(rowShape.elementCount, 1)
    let (count, rest) = observations.count.quotientAndRemainder(dividingBy: size)
    guard count > 0, rest == 0 else {
      throw ReinforcementError.network(
        "\(observations.count) numbers are no observations of \(rowShape)"
      )
    }
    let run = try actingPlan(count)
    let input = run.input(graph.observation)
    if isDiscrete {
      let numbers = input.bindMemory(to: Int64.self)
      for (index, state) in observations.enumerated() { numbers[index] = Int64(state) }
    } else {
      input.copyMemory(from: UnsafeRawBufferPointer(observations))
    }
    try run.execute()
    return run.output(0).assumingMemoryBound(to: Float.self)
  }

  /// All variables by name: the network's, the target's, the optimiser's state.
  package func variables() throws -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    for variable in session.graph.variables {
      result[session.graph[variable].name] = try session.value(of: variable)
    }
    return result
  }

  /// The online network's variables by name, for `QNetwork.servingGraph`.
  package func weights() throws -> [String: Tensor] {
    let names = Set(network.graph.variables.map { network.graph[$0].name })
    return try variables().filter { names.contains($0.key) }
  }

  /// Goes on where `variables` were taken after so many updates.
  ///
  /// - Throws: `TrainingError.checkpoint` where one is missing or of another shape.
  package func resume(
    variables: [String: Tensor],
    updateCount: Int
  ) throws {
    let graph = session.graph
    for variable in graph.variables {
      let (name, type) = (graph[variable].name, graph[variable].type)
      guard let value = variables[name], value.dtype == type.dtype, type.shape.accepts(value.shape)
      else { throw TrainingError.checkpoint("variable \(name) (\(type)) is missing or different") }
    }
    for variable in graph.variables {
      if let value = variables[graph[variable].name] { try session.assign(variable, value) }
    }
    self.updateCount = updateCount
  }

  /// Streams of random numbers from here on belong to the draws of updates 0, 1, 2, ...
  private static let drawStream: UInt64 = 1 << 40

  private var isDiscrete: Bool { network.graph[network.observation].type.dtype == .int64 }

  private func check(_ memory: ReplayMemory) throws(ReinforcementError) {
    let shape = memory.options.observations.shape
    // A state's number is one number in the memory, and a row of none for the network.
    guard shape == rowShape || isDiscrete && shape.elementCount == 1 else {
      throw .replay("it holds observations \(shape), the network reads \(rowShape)")
    }
    guard memory.options.actionCount == network.actionCount else {
      throw .replay(
        "it holds \(memory.options.actionCount) actions, the network values \(network.actionCount)"
      )
    }
    guard memory.count > 0 else { throw .replay("it is empty") }
  }

  private func load(_ sample: ReplaySample, of memory: ReplayMemory) {
    memory.copyOutcomes(
      of: sample,
      actions: step.action,
      returns: step.reward,
      discounts: step.discount
    )
    for (index, weight) in sample.weights.enumerated() { step.weight[index] = weight }
    for (target, isNext) in [(step.observation, false), (step.next, true)] {
      if isDiscrete {
        memory.copyStates(of: sample, isNext: isNext, to: target.bindMemory(to: Int64.self))
      } else {
        memory.copyObservations(
          of: sample,
          isNext: isNext,
          to: target.bindMemory(to: Float.self)
        )
      }
    }
  }

  /// Of the batch of the last run.
  private var meanValue: Float {
    let values = step.run.output(2).assumingMemoryBound(to: Float.self)
    var sum: Float = 0
    for start in stride(from: 0, to: values.count, by: network.actionCount) {
      var largest = values[start]
      for index in start..<start + network.actionCount { largest = max(largest, values[index]) }
      sum += largest
    }
    return sum / Float(options.batchSize)
  }

  private func actingPlan(_ count: Int) throws -> PreparedRun {
    if let known = actingPlans[count] { return known }
    let rows = try Shape(validating: [count] + rowShape.dimensions)
    let run = try session.prepare([graph.values], inputShapes: [graph.observation: rows])
    // The session drops plans that were not used for long; so must this.
    if actingPlans.count >= Session.plansMax / 2 { actingPlans = [:] }
    actingPlans[count] = run
    return run
  }
}

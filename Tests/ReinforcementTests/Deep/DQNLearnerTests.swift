import Glibc
import GraphIR
import Tensors
import Testing
import Training

@testable import Reinforcement

/// q(s) = s W with W [2, 2], so that every number can be computed by hand.
@Suite struct DQNLearnerTests {
  private static let weights: [Float] = [1, -0.5, 0.25, 2]

  private func learner(
    _ options: DQNOptions,
    weights: [Float] = Self.weights
  ) throws -> DQNLearner {
    var graph = Graph()
    let x = try graph.placeholder("observation", .float32, ["N", 2])
    let w = try graph.variable("w", Tensor(weights, [2, 2]))
    let q = try graph.apply1("MatMul", [x, w])
    try graph.rename(q, to: "q_values")
    graph.outputs = [q]
    return try DQNLearner(QNetwork(graph), options: options)
  }

  private static let observations: [[Double]] = [[1, 2], [0.5, -1], [-2, 0.25]]
  private static let nexts: [[Double]] = [[0.5, 1], [2, -0.5], [3, 1]]
  private static let actions = [0, 1, 1]
  private static let rewards = [0.5, -1, 6.0]
  private static let discounts = [0.9, 0.81, 0]
  private static let importance = [1, 0.5, 0.25]

  private var batch: DQNBatch {
    func rows(_ rows: [[Double]]) -> Tensor { Tensor(rows.flatMap { $0 }.map(Float.init), [3, 2]) }
    return DQNBatch(
      observation: rows(Self.observations),
      action: Self.actions,
      reward: Self.rewards.map(Float.init),
      next: rows(Self.nexts),
      discount: Self.discounts.map(Float.init),
      weight: Self.importance.map(Float.init)
    )
  }

  private func q(_ row: [Double], _ weights: [Float]) -> [Double] {
    let w = weights.map(Double.init)
    return [row[0] * w[0] + row[1] * w[2], row[0] * w[1] + row[1] * w[3]]
  }

  /// Errors, loss and gradient of the weights, in Double.
  private func expected(
    online: [Float],
    target: [Float],
    isDouble: Bool
  ) -> (errors: [Double], loss: Double, gradient: [Double]) {
    var errors: [Double] = []
    var loss = 0.0
    var gradient = [0.0, 0, 0, 0]
    for index in 0..<3 {
      let next = q(Self.nexts[index], target)
      let chooser = isDouble ? q(Self.nexts[index], online) : next
      let best = next[chooser[0] >= chooser[1] ? 0 : 1]
      let y = Self.rewards[index] + Self.discounts[index] * best
      let error = q(Self.observations[index], online)[Self.actions[index]] - y
      errors.append(error)
      let huber = abs(error) <= 1 ? error * error / 2 : abs(error) - 0.5
      loss += Self.importance[index] * huber / 3
      for row in 0..<2 {
        gradient[row * 2 + Self.actions[index]] +=
          Self.importance[index] * min(max(error, -1), 1) / 3 * Self.observations[index][row]
      }
    }
    return (errors, loss, gradient)
  }

  @Test(arguments: [false, true]) func errorsLossAndStepAreThoseByHand(_ isDouble: Bool) throws {
    let learner = try learner(
      DQNOptions(
        batchSize: 3,
        optimizer: SGD(),
        schedule: .constant(0.1),
        isDouble: isDouble,
        target: .hard(every: 100)
      )
    )
    // Two updates: in the second the target differs from the online network.
    var online = Self.weights
    for _ in 0..<2 {
      let (errors, loss, gradient) = expected(
        online: online,
        target: Self.weights,
        isDouble: isDouble
      )
      let update = try learner.update(on: batch)
      #expect(abs(Double(update.loss) - loss) < 1e-5)
      for (found, error) in zip(learner.errors, errors) {
        #expect(abs(Double(found) - error) < 1e-5)
      }
      online = zip(online, gradient).map { $0 - 0.1 * Float($1) }
      let found = try learner.weights()["w"]?.elements(of: Float.self) ?? []
      for (a, b) in zip(found, online) { #expect(abs(a - b) < 1e-5) }
      #expect(found.count == 4)
    }
    // One error of each kind: the Huber loss was on both sides.
    let errors = expected(online: Self.weights, target: Self.weights, isDouble: isDouble).errors
    #expect(errors.contains { abs($0) > 1 } && errors.contains { abs($0) < 1 })
  }

  @Test func conservatismAddsTheCrossEntropyOfTheActionsToTheLoss() throws {
    func loss(_ conservatism: Float) throws -> Double {
      let learner = try learner(
        DQNOptions(
          batchSize: 3,
          optimizer: SGD(),
          schedule: .constant(0.1),
          conservatism: conservatism
        )
      )
      return Double(try learner.update(on: batch).loss)
    }
    let excess = zip(Self.observations, Self.actions).map { observation, action in
      let values = q(observation, Self.weights)
      return log(values.reduce(0) { $0 + exp($1) }) - values[action]
    }
    let mean = excess.reduce(0, +) / 3
    #expect(abs(try loss(0.5) - (try loss(0) + 0.5 * mean)) < 1e-5)
    #expect(throws: TrainingError.self) { try loss(-1) }
  }

  @Test func onlyTheDoubleFormLetsTheOnlineNetworkChoose() {
    let other: [Float] = [-1, 3, 0.5, -2]
    let plain = expected(online: other, target: Self.weights, isDouble: false).errors
    let double = expected(online: other, target: Self.weights, isDouble: true).errors
    #expect(plain != double)
  }

  @Test func theTargetFollowsAtOnceOrSoftly() throws {
    func targets(_ update: DQNOptions.TargetUpdate, _ count: Int) throws -> [[Float]] {
      let learner = try learner(
        DQNOptions(batchSize: 3, optimizer: SGD(), schedule: .constant(0.1), target: update)
      )
      for _ in 0..<count { try learner.update(on: batch) }
      let variables = try learner.variables()
      return ["w", "target/w"].map { variables[$0]?.elements(of: Float.self) ?? [] }
    }
    #expect(try targets(.hard(every: 3), 2)[1] == Self.weights)
    let (online, target) = (try targets(.hard(every: 3), 3)[0], try targets(.hard(every: 3), 3)[1])
    #expect(target == online && target != Self.weights)
    let soft = try targets(.soft(tau: 0.25), 1)
    for index in 0..<4 {
      let expected = Self.weights[index] + 0.25 * (soft[0][index] - Self.weights[index])
      #expect(abs(soft[1][index] - expected) < 1e-6)
    }
  }

  @Test func errorsBecomePrioritiesOfWhatWasDrawn() throws {
    let memory = try ReplayMemory(
      ReplayOptions(
        observations: .rows([2]),
        actionCount: 2,
        capacity: 3,
        draw: .prioritized(alpha: 1, floor: 0.01)
      )
    )
    for index in 0..<3 {
      try memory.append(
        observation: Self.observations[index].map(Float.init),
        action: Self.actions[index],
        reward: Float(Self.rewards[index]),
        next: Self.nexts[index].map(Float.init),
        discount: Float(Self.discounts[index])
      )
    }
    let learner = try learner(
      DQNOptions(batchSize: 64, optimizer: SGD(), schedule: .constant(0), isDouble: false)
    )
    try learner.update(from: memory)
    let errors = expected(online: Self.weights, target: Self.weights, isDouble: false).errors
    let sum = errors.reduce(0) { $0 + abs($1) + 0.01 }
    for (number, error) in errors.enumerated() {
      #expect(abs(memory.probability(of: number) - (abs(error) + 0.01) / sum) < 1e-5)
    }
  }

  @Test func aTableOfStatesIsTrainedToo() throws {
    var graph = Graph()
    let state = try graph.placeholder("observation", .int64, ["N"])
    let table = try graph.variable("table", Tensor(zeros: .float32, [4, 2]))
    let q = try graph.apply1("Gather", [table, state], ["axis": .int(0)])
    try graph.rename(q, to: "q_values")
    graph.outputs = [q]
    let memory = try ReplayMemory(
      ReplayOptions(observations: .rows([]), actionCount: 2, capacity: 8)
    )
    for state in 0..<4 {
      try memory.append(
        observation: [Float(state)],
        action: state % 2,
        reward: Float(state) / 4,
        next: [0],
        discount: 0
      )
    }
    let learner = try DQNLearner(
      QNetwork(graph),
      options: DQNOptions(batchSize: 16, optimizer: SGD(), schedule: .constant(0.5))
    )
    for _ in 0..<400 { try learner.update(from: memory) }
    let values = try [Float](arrayLiteral: 0, 1, 2, 3).withUnsafeBufferPointer {
      try learner.values(of: $0)
    }
    for state in 0..<4 {
      #expect(abs(values[state * 2 + state % 2] - Float(state) / 4) < 1e-2)
      #expect(values[state * 2 + (state + 1) % 2] == 0)
    }
  }

  @Test func memoriesOfOtherThingsAndImpossibleOptionsAreRefused() throws {
    let learner = try learner(DQNOptions(batchSize: 3))
    for (shape, actions) in [([3] as Shape, 2), ([2], 3), ([2], 2)] {
      let memory = try ReplayMemory(
        ReplayOptions(observations: .rows(shape), actionCount: actions, capacity: 3)
      )
      #expect(throws: ReinforcementError.self) { try learner.update(from: memory) }
    }
    for options in [
      DQNOptions(batchSize: 0), DQNOptions(huberDelta: 0), DQNOptions(target: .hard(every: 0)),
      DQNOptions(target: .soft(tau: 0)), DQNOptions(beta: -1...1), DQNOptions(threads: 0),
    ] {
      #expect(throws: TrainingError.self) { try self.learner(options) }
    }
    #expect(throws: (any Error).self) {
      try self.learner(DQNOptions(batchSize: 3, schedule: .constant(.infinity)))
        .update(on: batch)
      try self.learner(DQNOptions(batchSize: 3), weights: [.nan, 0, 0, 0]).update(on: batch)
    }
  }
}

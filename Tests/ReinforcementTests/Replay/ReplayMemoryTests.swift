import Tensors
import Testing

@testable import Reinforcement

@Suite struct ReplayMemoryTests {
  static func memory(
    capacity: Int,
    draw: ReplayOptions.Draw = .uniform
  ) throws -> ReplayMemory {
    try ReplayMemory(
      ReplayOptions(observations: .rows([2]), actionCount: 3, capacity: capacity, draw: draw)
    )
  }

  static func fill(_ memory: ReplayMemory, _ count: Int) throws {
    for index in memory.endNumber..<memory.endNumber + count {
      try memory.append(
        observation: [Float(index), 0],
        action: index % 3,
        reward: Float(index),
        next: [Float(index) + 1, 0],
        discount: 0.9
      )
    }
  }

  @Test func theOldestTransitionsMakeRoom() throws {
    let memory = try Self.memory(capacity: 4)
    try Self.fill(memory, 10)
    #expect(memory.count == 4)
    #expect(memory.firstNumber == 6)
    for number in 6..<10 {
      #expect(memory[number].observation == [Float(number), 0])
      #expect(memory[number].next == [Float(number) + 1, 0])
      #expect(memory[number].action == number % 3)
      #expect(memory[number].reward == Float(number))
    }
  }

  @Test func bytesBoundTheCapacity() throws {
    let options = ReplayOptions(
      observations: .rows([100]),
      actionCount: 2,
      capacity: 1_000_000,
      byteCountMax: 1 << 20
    )
    let memory = try ReplayMemory(options)
    #expect(memory.capacity < 1_300)
    #expect(memory.capacity > 1_000)
    #expect(memory.byteCountMax <= 1 << 20)
    let pixels = try ReplayMemory(
      ReplayOptions(
        observations: .frames(count: 4, height: 84, width: 84),
        actionCount: 2,
        capacity: 1_000_000,
        byteCountMax: 100 << 20
      )
    )
    #expect(pixels.byteCountMax <= 100 << 20)
    // A stack of four would take four times as much.
    #expect(pixels.capacity > (100 << 20) / (2 * 84 * 84))
    #expect(throws: ReinforcementError.self) {
      try ReplayMemory(
        ReplayOptions(observations: .rows([100]), actionCount: 2, capacity: 9, byteCountMax: 500)
      )
    }
  }

  @Test func uniformDrawsReachEveryTransitionAlike() throws {
    let memory = try Self.memory(capacity: 8)
    try Self.fill(memory, 12)
    var counts: [Int: Int] = [:]
    var random = Philox(seed: 1)
    var sample = ReplaySample()
    for _ in 0..<1_000 {
      memory.draw(8, using: &random, into: &sample)
      for number in sample.numbers { counts[number, default: 0] += 1 }
      #expect(sample.weights == [Float](repeating: 1, count: 8))
    }
    #expect(counts.keys.sorted() == Array(4..<12))
    for count in counts.values { #expect(abs(count - 1_000) < 150) }
  }

  @Test func prioritisedDrawsFollowTheErrorsAndWeightsUndoIt() throws {
    let alpha = 0.7
    let memory = try Self.memory(capacity: 4, draw: .prioritized(alpha: alpha, floor: 1e-6))
    try Self.fill(memory, 6)
    var sample = ReplaySample()
    sample.numbers = [2, 3, 4, 5]
    let errors: [Float] = [1, -2, 4, 8]
    errors.withUnsafeBufferPointer { memory.setPriorities(of: sample, errors: $0) }
    let powers = [1.0, 2, 4, 8].map { memory.power($0 + 1e-6, alpha) }
    let expected = powers.map { $0 / powers.reduce(0, +) }
    for (number, probability) in zip(2..<6, expected) {
      #expect(abs(memory.probability(of: number) - probability) < 1e-12)
    }
    var counts = [Int](repeating: 0, count: 6)
    var random = Philox(seed: 2)
    for _ in 0..<2_000 {
      memory.draw(8, beta: 0.5, using: &random, into: &sample)
      for (number, weight) in zip(sample.numbers, sample.weights) {
        counts[number] += 1
        let raw = memory.power(4 * memory.probability(of: number), -0.5)
        let largest = sample.numbers.map { memory.power(4 * memory.probability(of: $0), -0.5) }
          .max()
        #expect(abs(Double(weight) - raw / (largest ?? 1)) < 1e-6)
      }
    }
    for (number, probability) in zip(2..<6, expected) {
      #expect(abs(Double(counts[number]) / 16_000 - probability) < 0.02)
    }
  }

  @Test func newTransitionsHaveTheLargestPriority() throws {
    let memory = try Self.memory(capacity: 4, draw: .prioritized(alpha: 1, floor: 0.5))
    try Self.fill(memory, 2)
    var sample = ReplaySample()
    sample.numbers = [0, 1]
    [Float(9.5), 0.5].withUnsafeBufferPointer { memory.setPriorities(of: sample, errors: $0) }
    try Self.fill(memory, 1)
    #expect(abs(memory.probability(of: 2) - 10.0 / 21) < 1e-12)
    // Transitions that were overwritten meanwhile, and errors that are no numbers, do no harm.
    try Self.fill(memory, 2)
    sample.numbers = [0, 1]
    [Float(3), .nan].withUnsafeBufferPointer { memory.setPriorities(of: sample, errors: $0) }
    let sum = (1..<5).reduce(0) { $0 + memory.probability(of: $1) }
    #expect(abs(sum - 1) < 1e-12)
  }

  @Test func refusesWhatIsNoTransition() throws {
    let memory = try Self.memory(capacity: 4)
    func append(
      _ observation: [Float] = [0, 0],
      _ action: Int = 0,
      _ reward: Float = 0,
      _ discount: Float = 1
    ) throws {
      try memory.append(
        observation: observation,
        action: action,
        reward: reward,
        next: [0, 0],
        discount: discount
      )
    }
    #expect(throws: ReinforcementError.replay("observation has 3 numbers, expected 2")) {
      try append([1, 2, 3])
    }
    #expect(throws: ReinforcementError.replay("observation[1] is nan")) { try append([1, .nan]) }
    #expect(throws: ReinforcementError.replay("action 3 of 3")) { try append([0, 0], 3) }
    #expect(throws: ReinforcementError.self) { try append([0, 0], 0, .infinity) }
    #expect(throws: ReinforcementError.self) { try append([0, 0], 0, 0, 1.5) }
    #expect(memory.count == 0)
  }

  @Test func prefixSumsFindEveryLeafInProportion() {
    var tree = SumTree(count: 5)
    for (index, value) in [1.0, 0, 2, 0, 4].enumerated() { tree[index] = value }
    #expect(tree.total == 7)
    let found = [0, 0.99, 1, 2.99, 3, 6.99, 7].map { tree.index(at: $0) }
    #expect(found == [0, 0, 2, 2, 4, 4, 4])
    tree[4] = 0
    #expect(tree.total == 3)
    #expect(tree.index(at: 3) == 2)
  }
}

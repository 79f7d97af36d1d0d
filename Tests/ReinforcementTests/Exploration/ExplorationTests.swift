import Reinforcement
import Tensors
import Testing
import Training

@Suite struct ExplorationTests {
  /// The distribution over actions with these values.
  static func probabilities(
    _ exploration: any Exploration,
    _ values: [Float],
    visits: [UInt32]? = nil,
    step: Int = 0
  ) -> [Float] {
    withRow(values, visits, step) { row in
      [Float](unsafeUninitializedCapacity: values.count) { buffer, count in
        exploration.writeProbabilities(
          of: row,
          into: UnsafeMutableBufferPointer(rebasing: buffer[..<values.count])
        )
        count = values.count
      }
    }
  }

  static func withRow<Result>(
    _ values: [Float],
    _ visits: [UInt32]? = nil,
    _ step: Int = 0,
    _ body: (ActionRow) -> Result
  ) -> Result {
    values.withUnsafeBufferPointer { values in
      guard let visits else { return body(ActionRow(values: values, step: step)) }
      return visits.withUnsafeBufferPointer {
        body(ActionRow(values: values, visits: $0, step: step))
      }
    }
  }

  static let all: [any Exploration] = [
    RandomExploration(), EpsilonGreedy(.constant(0.3)), EpsilonGreedy.greedy,
    SoftmaxExploration(temperature: .constant(0.5)),
    CountBonus(weight: 2, chooser: SoftmaxExploration(temperature: .constant(1))),
  ]

  @Test func randomLeavesOutWhatIsNotAllowed() {
    let values: [Float] = [1, -.infinity, 5, .nan, 0, 0]
    #expect(Self.probabilities(RandomExploration(), values) == [0.25, 0, 0.25, 0, 0.25, 0.25])
  }

  @Test func epsilonIsSharedByAllAndTheRestGoesToTheBest() {
    let values: [Float] = [1, 3, -.infinity, 3, 2]
    #expect(
      Self.probabilities(EpsilonGreedy(.constant(0.5)), values) == [0.125, 0.625, 0, 0.125, 0.125]
    )
    #expect(Self.probabilities(EpsilonGreedy.greedy, values) == [0, 1, 0, 0, 0])
    #expect(Self.probabilities(EpsilonGreedy(.constant(7)), values) == [0.25, 0.25, 0, 0.25, 0.25])
    #expect(Self.probabilities(EpsilonGreedy(.constant(-1)), values) == [0, 1, 0, 0, 0])
  }

  @Test func epsilonDecaysByTheStep() {
    let linear = EpsilonGreedy(.linear(rate: 1, final: 0.2, steps: 10))
    #expect(linear.share(at: 0) == 1)
    #expect(abs(linear.share(at: 5) - 0.6) < 1e-6)
    #expect(linear.share(at: 10) == 0.2)
    #expect(linear.share(at: 1_000_000) == 0.2)
    let exponential = EpsilonGreedy(.exponential(rate: 1, factor: 0.5, over: 4))
    #expect(Self.probabilities(exponential, [0, 1], step: 8) == [0.125, 0.875])
  }

  @Test func softmaxGoesByDifferencesOverTheTemperature() {
    let values: [Float] = [1, 0, -.infinity, 1]
    let e = Float(2.718281828)
    let expected = [e / (2 * e + 1), 1 / (2 * e + 1), 0, e / (2 * e + 1)]
    for shift: Float in [0, 1000, -1000] {
      let softmax = SoftmaxExploration(temperature: .constant(1))
      let found = Self.probabilities(softmax, values.map { $0 + shift })
      for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-6) }
    }
    let hot = Self.probabilities(SoftmaxExploration(temperature: .constant(1e9)), values)
    for (a, b) in zip(hot, [1.0 / 3, 1.0 / 3, 0, 1.0 / 3]) { #expect(abs(Double(a) - b) < 1e-6) }
    let cold = SoftmaxExploration(temperature: .linear(rate: 1, final: 0, steps: 10))
    #expect(Self.probabilities(cold, values, step: 10) == [1, 0, 0, 0])
  }

  @Test func anInfiniteValueIsTakenBySoftmax() {
    let softmax = SoftmaxExploration(temperature: .constant(1))
    #expect(Self.probabilities(softmax, [1, .infinity, .infinity]) == [0, 1, 0])
  }

  @Test func whatWasSeldomTriedGetsABonus() {
    let curious = CountBonus(weight: 3)
    // 1 + 3 / 4, 0.5 + 3 / 2, 1 + 3 / 4.
    #expect(Self.probabilities(curious, [1, 0.5, 1], visits: [3, 1, 3]) == [0, 1, 0])
    #expect(Self.probabilities(curious, [1, 0.5, 1], visits: [3, 3, 3]) == [1, 0, 0])
    #expect(Self.probabilities(curious, [1, 0.5, 2]) == [0, 0, 1])
    #expect(Self.probabilities(curious, [1, -.infinity, 0], visits: [9, 0, 9]) == [1, 0, 0])
  }

  @Test(arguments: all.indices)
  func whereNothingIsAllowedActionZeroStands(_ index: Int) {
    let nothing: [Float] = [-.infinity, .nan, -.infinity]
    #expect(Self.probabilities(Self.all[index], nothing) == [1, 0, 0])
  }

  /// 20,000 draws; chi-squared of 3 degrees of freedom is above 16.3 once in a thousand times, and the seed is fixed.
  @Test(arguments: all.indices)
  func choicesFollowTheDistribution(_ index: Int) {
    let exploration = Self.all[index]
    let values: [Float] = [0.3, 1, -.infinity, 0.7, 0.1]
    let visits: [UInt32] = [0, 5, 0, 2, 1]
    let probabilities = Self.probabilities(exploration, values, visits: visits)
    var random = Philox(seed: 11, stream: UInt64(index))
    var counts = [Int](repeating: 0, count: values.count)
    let draws = 20_000
    Self.withRow(values, visits) { row in
      for _ in 0..<draws { counts[exploration.choose(row, using: &random)] += 1 }
    }
    var distance = 0.0
    for (count, probability) in zip(counts, probabilities) {
      let expected = Double(probability) * Double(draws)
      if expected == 0 {
        #expect(count == 0)
      } else {
        distance += (Double(count) - expected) * (Double(count) - expected) / expected
      }
    }
    #expect(distance < 16.3)
  }

  @Test(arguments: all.indices)
  func aChoiceIsAFunctionOfTheSeedAndTakesOneNumber(_ index: Int) {
    let exploration = Self.all[index]
    var random = Philox(seed: 3)
    var again = Philox(seed: 3)
    Self.withRow([0.3, 1, 0.7]) { row in
      for _ in 0..<20 {
        #expect(exploration.choose(row, using: &random) == exploration.choose(row, using: &again))
      }
    }
    #expect(random.position == 20)
  }

  @Test func ofEqualValuesTheLowestIndexIsGreedy() {
    let greedy: ([Float]) -> Int = { values in Self.withRow(values) { $0.greedyAction } }
    #expect(greedy([0, 2, 2]) == 1)
    #expect(greedy([-1, -1]) == 0)
    #expect(greedy([.nan, -5, .nan]) == 1)
    #expect(greedy([-.infinity, -.infinity]) == 0)
  }
}

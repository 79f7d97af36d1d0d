import Reinforcement
import Testing

@Suite struct TileCodingTests {
  @Test func neighboursShareTilesAndFarPointsShareNone() throws {
    let coding = try TileCoding(
      low: [0, -1],
      high: [8, 1],
      tilingCount: 8,
      tilesPerDimension: 8
    )
    func shared(_ a: [Float], _ b: [Float]) -> Int {
      Set(coding.features(of: a)).intersection(coding.features(of: b)).count
    }
    #expect(coding.featureCount == 8 * 9 * 9)
    #expect(shared([3, 0], [3, 0]) == 8)
    #expect(shared([3, 0], [3.125, 0]) >= 6)
    #expect((1...7).contains(shared([3, 0], [3.5, 0.1])))
    #expect(shared([3, 0], [5, 0]) == 0)
    #expect(shared([3, 0], [3, 0.6]) == 0)
  }

  @Test func everyTilingHasItsOwnRangeOfFeatures() throws {
    let coding = try TileCoding(low: [0], high: [1], tilingCount: 4, tilesPerDimension: 2)
    for number in stride(from: Float(0), through: 1, by: 0.05) {
      #expect(coding.features(of: [number]).map { $0 / 3 } == [0, 1, 2, 3])
    }
    #expect(coding.features(of: [0]) == [0, 3, 6, 9])
    // A quarter tile of shift for each tiling; a tile is 0.5 wide.
    #expect(coding.features(of: [0.4]) == [0, 4, 7, 10])
  }

  @Test func whatIsBeyondTheBoundsCountsAsOnThem() throws {
    let coding = try TileCoding(
      low: [0, 0],
      high: [1, 1],
      tilingCount: 4,
      tilesPerDimension: 4
    )
    #expect(coding.features(of: [-5, .infinity]) == coding.features(of: [0, 1]))
    #expect(coding.features(of: [.nan, -.infinity]) == coding.features(of: [0, 0]))
    let highest = coding.features(of: [.greatestFiniteMagnitude, 2])
    #expect(highest.allSatisfy { (0..<coding.featureCount).contains($0) })
  }

  @Test func boundsAndCountsMustMakeSense() {
    #expect(throws: ReinforcementError.self) {
      try TileCoding(low: [0], high: [0], tilingCount: 1, tilesPerDimension: 1)
    }
    #expect(throws: ReinforcementError.self) {
      try TileCoding(low: [0], high: [.infinity], tilingCount: 1, tilesPerDimension: 1)
    }
    #expect(throws: ReinforcementError.self) {
      try TileCoding(low: [0], high: [1], tilingCount: 0, tilesPerDimension: 1)
    }
    let error = #expect(throws: ReinforcementError.self) {
      try TileCoding(
        low: [Float](repeating: 0, count: 4),
        high: [Float](repeating: 1, count: 4),
        tilingCount: 8,
        tilesPerDimension: 99
      )
    }
    #expect(
      error?.description == "8 tilings of 99 tiles in 4 dimensions; at most 16777216 in all"
    )
  }
}

@Suite struct TrueOnlineSARSATests {
  /// One feature for each cell: what it learns is a table, and the values are those of the walk (RandomWalk, five cells).
  @Test func predictionWithTracesComesToTheRandomWalksValues() throws {
    let process = try RandomWalk.make(states: 5)
    var environment = try SampledProcess(
      name: "walk",
      process: process,
      startProbabilities: [0, 0, 1, 0, 0],
      actions: ["step"],
      episodeStepsMax: 10_000
    )
    var learner = TrueOnlineSARSA(
      featureCount: 5,
      actionCount: 1,
      discount: 1,
      traceDecay: 0.8,
      rate: 0.01
    )
    for episode in 0..<3_000 {
      environment.reset(seed: episode == 0 ? 8 : nil)
      learner.beginEpisode()
      var result: StepResult
      repeat {
        let state = environment.state
        result = environment.step(0)
        let next: (features: [Int], action: Int)? =
          result.isTerminated ? nil : ([environment.state], 0)
        learner.learn([state], 0, reward: Float(result.reward), next: next)
      } while !result.isEnd
    }
    for state in 0..<5 {
      #expect(abs(Double(learner.value([state], 0)) - Double(state + 1) / 6) < 0.05)
    }
  }

  /// Without discount of traces, an episode's last reward reaches its first step at once.
  @Test func tracesCarryASurpriseBack() {
    var learner = TrueOnlineSARSA(
      featureCount: 3,
      actionCount: 2,
      discount: 1,
      traceDecay: 1,
      rate: 0.5
    )
    learner.beginEpisode()
    learner.learn([0], 1, reward: 0, next: ([1], 0))
    learner.learn([1], 0, reward: 0, next: ([2], 1))
    #expect(learner.weights == [0, 0, 0, 0, 0, 0])
    learner.learn([2], 1, reward: 8, next: nil)
    #expect(learner.weights == [0, 4, 0, 4, 0, 4])
    #expect(learner.values([2]) == [0, 4])
    // A new episode does not touch what the last one saw.
    learner.beginEpisode()
    learner.learn([0], 0, reward: 2, next: nil)
    #expect(learner.weights == [1, 4, 0, 4, 0, 4])
  }
}

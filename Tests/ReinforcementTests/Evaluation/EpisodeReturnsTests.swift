import Reinforcement
import Testing

@Suite struct EpisodeReturnsTests {
  @Test func episodesArePlayedToTheirEnds() throws {
    let lake = try FrozenLake.environment(isSlippery: false)
    // Down, down, right, down, right, right.
    let path = [0: 1, 4: 1, 8: 2, 9: 1, 13: 2, 14: 2]
    let won = EpisodeReturns(in: lake, episodes: 3, seed: 1) { path[Int($0[0])] ?? 0 }
    #expect(won.values == [1, 1, 1])
    #expect(won.mean == 1)
    #expect(won.standardError == 0)
    let taxi = EpisodeReturns(in: try Taxi.environment(), episodes: 2, seed: 1) { _ in 0 }
    #expect(taxi.values == [-200, -200])
  }

  /// What a slippery lake pays within its limit of steps can be computed.
  @Test func meansComeNearTheExactValue() throws {
    let lake = try FrozenLake.environment()
    let policy = try lake.process.valueIteration(PlanningOptions(discount: 0.99)).policy
    let exact = try lake.process.evaluate(policy: policy, steps: 100)[0]
    let played = EpisodeReturns(in: lake, episodes: 400, seed: 1) { policy[Int($0[0])] ?? 0 }
    #expect(abs(played.mean - exact) < 4 * played.standardError)
    #expect((0.01...0.03).contains(played.standardError))
  }

  @Test func episodesAreAFunctionOfTheSeed() throws {
    let lake = try FrozenLake.environment()
    func play(seed: UInt64) -> EpisodeReturns {
      EpisodeReturns(in: lake, episodes: 100, seed: seed) { _ in 2 }
    }
    #expect(play(seed: 1) == play(seed: 1))
    #expect(play(seed: 1) != play(seed: 2))
  }

  /// So that two policies are compared on the same episodes, however long theirs take.
  @Test func anEpisodeStartsAlikeForEveryPolicy() throws {
    let taxi = try Taxi.environment()
    func starts(seed: UInt64, action: Int) -> [Float] {
      var starts: [Float] = []
      var step = 0
      _ = EpisodeReturns(in: taxi, episodes: 5, seed: seed) { observation in
        if step % 200 == 0 { starts.append(observation[0]) }
        step += 1
        return action
      }
      return starts
    }
    #expect(starts(seed: 1, action: 0) == starts(seed: 1, action: 1))
    #expect(Set(starts(seed: 1, action: 0)).count > 1)
    #expect(starts(seed: 1, action: 0).dropFirst() != starts(seed: 2, action: 0).dropLast())
  }
}

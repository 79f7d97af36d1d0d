import Reinforcement
import Testing

@Suite struct VectorEnvironmentTests {
  @Test func stepsAreThoseOfEnvironmentsAlone() {
    var vector = VectorEnvironment(CartPole(), count: 3)
    vector.reset(seed: 7)
    var alone = (0..<3).map { index in
      var environment = CartPole()
      environment.reset(seed: 7 + UInt64(index))
      return environment
    }
    var ends = 0
    for step in 0..<200 {
      #expect(vector.observations == alone.flatMap(\.observation))
      let actions = (0..<3).map { (step / ($0 + 1)) % 2 }
      vector.step(actions)
      for index in alone.indices {
        let result = alone[index].step(actions[index])
        #expect(vector.results[index] == result)
        guard result.isEnd else { continue }
        ends += 1
        #expect(
          Array(vector.finalObservations[(index * 4)..<(index * 4 + 4)]) == alone[index].observation
        )
        alone[index].reset(seed: nil)
      }
    }
    #expect(ends > 3)
  }
}

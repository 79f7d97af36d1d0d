import Testing
import Training

@Suite struct LearningRateScheduleTests {
  private static func rates(_ schedule: LearningRateSchedule, _ steps: [Int]) -> [Float] {
    steps.map { (schedule.rate(at: $0) * 1e4).rounded() / 1e4 }
  }

  @Test func curves() {
    #expect(Self.rates(.constant(0.3), [0, 100]) == [0.3, 0.3])
    #expect(
      Self.rates(.stepDecay(rate: 1, factor: 0.5, every: 10), [0, 9, 10, 25])
        == [1, 1, 0.5, 0.25]
    )
    #expect(
      Self.rates(.exponential(rate: 1, factor: 0.25, over: 10), [0, 5, 10, 20])
        == [1, 0.5, 0.25, 0.0625]
    )
    #expect(
      Self.rates(.cosine(rate: 1, final: 0.2, steps: 10), [0, 5, 10, 99]) == [1, 0.6, 0.2, 0.2]
    )
    #expect(
      Self.rates(.linear(rate: 1, final: 0.5, steps: 12, warmUp: 4), [0, 3, 4, 8, 12, 99])
        == [0.25, 1, 1, 0.75, 0.5, 0.5]
    )
    #expect(
      Self.rates(.cosine(rate: 1, steps: 14, warmUp: 4), [0, 1, 3, 4, 9, 14])
        == [0.25, 0.5, 1, 1, 0.5, 0]
    )
  }
}

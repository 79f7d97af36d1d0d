import Tensors
import Testing

@testable import Reinforcement

@Suite struct ReplayRecorderTests {
  /// Rewards 1, 2, 4 with gamma 1/2: everything is exact.
  private func recorded(steps: Int, isTerminated: Bool) throws -> ReplayMemory {
    let memory = try ReplayMemory(
      ReplayOptions(observations: .rows([1]), actionCount: 2, capacity: 10)
    )
    var recorder = try ReplayRecorder(steps: steps, discount: 0.5)
    try recorder.begin([0], in: memory)
    for (index, reward) in [1.0, 2, 4].enumerated() {
      let result = StepResult(
        reward: reward,
        isTerminated: isTerminated && index == 2,
        isTruncated: !isTerminated && index == 2
      )
      try recorder.record(index % 2, result, [Float(index) + 1], in: memory)
    }
    return memory
  }

  private func transition(
    _ observation: Float,
    _ action: Int,
    _ reward: Float,
    _ next: Float,
    _ discount: Float
  ) -> ReplayMemory.Transition {
    .init(
      observation: [observation],
      action: action,
      reward: reward,
      next: [next],
      discount: discount
    )
  }

  @Test func oneStepReturnsAreTheRewards() throws {
    let memory = try recorded(steps: 1, isTerminated: true)
    #expect(memory.count == 3)
    #expect(memory[0] == transition(0, 0, 1, 1, 0.5))
    #expect(memory[1] == transition(1, 1, 2, 2, 0.5))
    #expect(memory[2] == transition(2, 0, 4, 3, 0))
  }

  @Test func twoStepReturnsSumAndShortenAtATermination() throws {
    let memory = try recorded(steps: 2, isTerminated: true)
    #expect(memory.count == 3)
    #expect(memory[0] == transition(0, 0, 2, 2, 0.25))
    #expect(memory[1] == transition(1, 1, 4, 3, 0))
    #expect(memory[2] == transition(2, 0, 4, 3, 0))
  }

  @Test func whatFollowsATruncationKeepsItsValue() throws {
    let memory = try recorded(steps: 5, isTerminated: false)
    #expect(memory.count == 3)
    #expect(memory[0] == transition(0, 0, 3, 3, 0.125))
    #expect(memory[1] == transition(1, 1, 4, 3, 0.25))
    #expect(memory[2] == transition(2, 0, 4, 3, 0.5))
  }

  @Test func stacksRepeatTheFirstFrameOfTheirEpisode() throws {
    let memory = try frames(capacity: 100)
    var recorder = try ReplayRecorder(discount: 1)
    try record([10, 11, 12, 13, 14], with: &recorder, in: memory)
    try record([20, 21], with: &recorder, in: memory)
    #expect(memory.count == 5)
    #expect(newest(memory[0]) == [[10, 10, 10], [10, 10, 11]])
    #expect(newest(memory[1]) == [[10, 10, 11], [10, 11, 12]])
    #expect(newest(memory[3]) == [[11, 12, 13], [12, 13, 14]])
    #expect(newest(memory[4]) == [[20, 20, 20], [20, 20, 21]])
  }

  @Test func framesAreStoredOnceAndTakeTheirTransitionsAlong() throws {
    let memory = try frames(capacity: 8)
    var recorder = try ReplayRecorder(steps: 2, discount: 1)
    for episode in 0..<40 {
      let first = UInt8(episode * 5)
      try record([first, first + 1, first + 2, first + 3], with: &recorder, in: memory)
      #expect((memory.frames?.bytes.count ?? 0) <= 4 * (memory.frames?.capacity ?? 0))
      #expect(memory.count <= 8)
      #expect(memory.count >= 3)
      // What is held is still the end of its own episode's frames.
      for number in memory.firstNumber..<memory.endNumber {
        let first = UInt8(number / 3 * 5)
        let age = UInt8(number % 3)
        let stack = newest(memory[number])
        #expect(stack[0].last == first + age)
        #expect(stack[0].first == first + (age > 2 ? age - 2 : 0))
        #expect(stack[1].last == first + min(age + 2, 3))
      }
    }
  }

  @Test func refusesAFrameOfAnotherSizeAndStepsWithoutAnEpisode() throws {
    let memory = try frames(capacity: 8)
    var recorder = try ReplayRecorder(discount: 1)
    #expect(throws: ReinforcementError.replay("a frame of 3 bytes, expected 4")) {
      try recorder.begin([], frame: [1, 2, 3], in: memory)
    }
    let result = StepResult(reward: 0, isTerminated: false, isTruncated: false)
    #expect(throws: ReinforcementError.self) {
      try recorder.record(0, result, [], frame: [1, 2, 3, 4], in: memory)
    }
    #expect(throws: ReinforcementError.self) { try ReplayRecorder(steps: 0, discount: 1) }
    #expect(throws: ReinforcementError.self) { try ReplayRecorder(discount: 1.1) }
  }

  @Test func theMemorysStacksAreWhatCatchShows() throws {
    var game = Catch(isSmall: true)
    let memory = try ReplayMemory(
      ReplayOptions(
        observations: .frames(count: 4, height: 21, width: 21),
        actionCount: 3,
        capacity: 100
      )
    )
    var recorder = try ReplayRecorder(discount: 0.9)
    var shown: [(before: [Float], after: [Float])] = []
    func frame() -> [UInt8] {
      [UInt8](unsafeUninitializedCapacity: 441) { buffer, count in
        game.writeFrame(into: UnsafeMutableBufferPointer(rebasing: buffer[..<441]))
        count = 441
      }
    }
    for episode in 0..<2 {
      game.reset(seed: UInt64(episode))
      try recorder.begin(game.observation, frame: frame(), in: memory)
      var isEnd = false
      while !isEnd {
        let before = game.observation
        let result = game.step(shown.count % 3)
        shown.append((before, game.observation))
        try recorder.record(0, result, game.observation, frame: frame(), in: memory)
        isEnd = result.isEnd
      }
    }
    #expect(memory.count == shown.count)
    for (number, pair) in shown.enumerated() {
      #expect(memory[number].observation == pair.before)
      #expect(memory[number].next == pair.after)
    }
  }

  /// Stacks of three frames of 2 x 2 pixels.
  private func frames(capacity: Int) throws -> ReplayMemory {
    try ReplayMemory(
      ReplayOptions(
        observations: .frames(count: 3, height: 2, width: 2),
        actionCount: 2,
        capacity: capacity
      )
    )
  }

  /// An episode whose frames are filled with these numbers.
  private func record(
    _ fills: [UInt8],
    with recorder: inout ReplayRecorder,
    in memory: ReplayMemory
  ) throws {
    for (index, fill) in fills.enumerated() {
      let frame = [UInt8](repeating: fill, count: 4)
      if index == 0 {
        try recorder.begin([], frame: frame, in: memory)
      } else {
        let result = StepResult(
          reward: 1,
          isTerminated: index == fills.count - 1,
          isTruncated: false
        )
        try recorder.record(0, result, [], frame: frame, in: memory)
      }
    }
  }

  /// The fills of a transition's two stacks.
  private func newest(_ transition: ReplayMemory.Transition) -> [[UInt8]] {
    [transition.observation, transition.next].map { stack in
      stride(from: 0, to: stack.count, by: 4).map { UInt8(stack[$0]) }
    }
  }
}

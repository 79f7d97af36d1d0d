import Tensors
import Testing

@testable import Reinforcement

@Suite struct ReplaySavingTests {
  private static func options(_ isPixels: Bool) -> ReplayOptions {
    ReplayOptions(
      observations: isPixels ? .frames(count: 2, height: 1, width: 3) : .rows([3]),
      actionCount: 2,
      capacity: 7,
      draw: .prioritized()
    )
  }

  private func play(_ memory: ReplayMemory, _ episodes: Range<Int>) throws {
    var recorder = try ReplayRecorder(steps: 2, discount: 0.9)
    for episode in episodes {
      for step in 0..<5 {
        let frame = [UInt8](repeating: UInt8(episode * 10 + step), count: 3)
        if step == 0 {
          try recorder.begin(frame.map(Float.init), frame: frame, in: memory)
          continue
        }
        let result = StepResult(reward: 1, isTerminated: step == 4, isTruncated: false)
        try recorder.record(step % 2, result, frame.map(Float.init), frame: frame, in: memory)
      }
    }
  }

  /// Draws, and gives what was drawn new priorities.
  private func draw(_ memory: ReplayMemory, seed: UInt64) -> [ReplayMemory.Transition] {
    var random = Philox(seed: seed)
    var sample = ReplaySample()
    var result: [ReplayMemory.Transition] = []
    for round in 0..<5 {
      memory.draw(4, beta: 0.5, using: &random, into: &sample)
      result += sample.numbers.map { memory[$0] }
      let errors = sample.weights.map { $0 * Float(round + 1) }
      errors.withUnsafeBufferPointer { memory.setPriorities(of: sample, errors: $0) }
    }
    return result
  }

  @Test(arguments: [false, true]) func aRestoredMemoryDrawsTheSame(_ isPixels: Bool) throws {
    let memory = try ReplayMemory(Self.options(isPixels))
    try play(memory, 0..<6)
    _ = draw(memory, seed: 1)
    // Through a file's bytes.
    let entries = try NPZ.read(NPZ.write(memory.saved()), byteCountMax: 1 << 20)
    let restored = try ReplayMemory(Self.options(isPixels))
    try restored.restore(entries)
    #expect(restored.saved() == memory.saved())
    try play(memory, 6..<9)
    try play(restored, 6..<9)
    #expect(draw(restored, seed: 2) == draw(memory, seed: 2))
    #expect(restored.saved() == memory.saved())
  }

  @Test(arguments: [false, true]) func damagedMemoriesAreRefusedAndLeaveNothingBehind(
    _ isPixels: Bool
  ) throws {
    let memory = try ReplayMemory(Self.options(isPixels))
    try play(memory, 0..<4)
    let good = memory.saved()
    let target = try ReplayMemory(Self.options(isPixels))
    for index in good.indices {
      var entries = good
      entries.remove(at: index)
      #expect(throws: ReinforcementError.self) { try target.restore(entries) }
    }
    let damaged: [NPZ.Entry] = [
      NPZ.Entry("numbers", Tensor(vector: [Int64(-1), 3])),
      NPZ.Entry("numbers", Tensor(vector: [Int64(0), .max])),
      NPZ.Entry("actions", Tensor(vector: [Int32](repeating: 2, count: 7))),
      NPZ.Entry("discounts", Tensor(vector: [Float](repeating: 2, count: 7))),
      NPZ.Entry("priorities", Tensor(vector: [Double](repeating: 0, count: 7))),
      NPZ.Entry("priority_max", Tensor(scalar: Double.infinity)),
    ]
    for entry in damaged {
      let entries = good.filter { $0.name != entry.name } + [entry]
      #expect(throws: ReinforcementError.self, "\(entry.name)") { try target.restore(entries) }
    }
    if isPixels {
      for place in [-1, 1_000] {
        let places = Tensor(vector: [Int64](repeating: Int64(place), count: 28))
        let entries = good.filter { $0.name != "places" } + [NPZ.Entry("places", places)]
        #expect(throws: ReinforcementError.self) { try target.restore(entries) }
      }
    }
    #expect(target.count == 0)
    try target.restore(good)
    #expect(target.count == memory.count)
  }
}

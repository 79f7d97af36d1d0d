/// Writes the episodes of one environment into a replay memory, as n-step transitions.
///
/// After step t the transition of step t - n + 1 is complete: its return is r + gamma r' + ... over n rewards, its discount gamma^n, its
/// next observation the present one. Where an episode ends, what is left is written with fewer rewards: discount 0 after termination,
/// gamma^m after truncation, for what would follow still has value.
package struct ReplayRecorder {
  /// Steps whose rewards a return sums, n.
  package let steps: Int
  /// Of a reward one step later, gamma.
  package let discount: Float

  /// The unfinished transitions' beginnings, oldest first.
  private var pending: [(origin: Origin, action: Int, reward: Float)] = []
  private var present: Origin?

  /// Where an observation is.
  private enum Origin {
    case row([Float])
    case frame(FrameStore.Place)
  }

  /// Largest number of steps.
  package static let stepsMax = 100

  /// - Throws: `ReinforcementError.replay` for numbers outside their ranges.
  package init(steps: Int = 1, discount: Float) throws(ReinforcementError) {
    guard (1...Self.stepsMax).contains(steps) else {
      throw .replay("returns over \(steps) steps; expected 1 to \(Self.stepsMax)")
    }
    guard discount >= 0, discount <= 1 else {
      throw .replay("discount \(discount); expected 0 to 1")
    }
    self.steps = steps
    self.discount = discount
  }

  /// Begins an episode.
  ///
  /// - Parameters:
  ///   - observation: what is seen first, in full; not read by a memory of frames.
  ///   - frame: the newest frame's bytes, for a memory of frames.
  ///   - memory: where to.
  /// - Throws: `ReinforcementError.replay` for a frame or observation of the wrong size.
  package mutating func begin(
    _ observation: [Float],
    frame: [UInt8]? = nil,
    in memory: ReplayMemory
  ) throws(ReinforcementError) {
    pending.removeAll(keepingCapacity: true)
    present = try origin(observation, frame, after: nil, in: memory)
  }

  /// Records a step, and what came of it.
  ///
  /// - Parameters:
  ///   - action: what was done in the last observation.
  ///   - result: reward and end.
  ///   - observation: what is seen now, in full; not read by a memory of frames.
  ///   - frame: the newest frame's bytes, for a memory of frames.
  ///   - memory: where to, the same since `begin`.
  /// - Throws: `ReinforcementError.replay` for what does not fit, and without a `begin`.
  package mutating func record(
    _ action: Int,
    _ result: StepResult,
    _ observation: [Float],
    frame: [UInt8]? = nil,
    in memory: ReplayMemory
  ) throws(ReinforcementError) {
    guard let before = present else { throw .replay("a step is recorded before its episode began") }
    try memory.check(action: action, reward: Float(result.reward), discount: discount)
    let last: FrameStore.Place? = if case .frame(let place) = before { place } else { nil }
    let now = try origin(observation, frame, after: last, in: memory)
    pending.append((before, action, Float(result.reward)))
    present = now
    if result.isEnd {
      while !pending.isEmpty { try write(now, isTerminated: result.isTerminated, in: memory) }
      present = nil
    } else if pending.count == steps {
      try write(now, isTerminated: false, in: memory)
    }
  }

  /// Completes the oldest pending transition with the rewards so far.
  private mutating func write(
    _ next: Origin,
    isTerminated: Bool,
    in memory: ReplayMemory
  ) throws(ReinforcementError) {
    var sum: Float = 0
    var factor: Float = 1
    for step in pending {
      sum += factor * step.reward
      factor *= discount
    }
    let first = pending.removeFirst()
    let left = isTerminated ? 0 : factor
    switch (first.origin, next) {
    case (.row(let observation), .row(let next)):
      try memory.append(
        observation: observation,
        action: first.action,
        reward: sum,
        next: next,
        discount: left
      )
    case (.frame(let observation), .frame(let next)):
      // A memory of fewer frames than the returns have steps.
      guard memory.frames?.holds(observation) == true else { return }
      let slot = memory.makeSlot(action: first.action, reward: sum, discount: left)
      memory.frames?.store(observation, next, slot: slot)
    default: throw .replay("observations and frames in one episode")
    }
  }

  private func origin(
    _ observation: [Float],
    _ frame: [UInt8]?,
    after last: FrameStore.Place?,
    in memory: ReplayMemory
  ) throws(ReinforcementError) -> Origin {
    guard memory.frames != nil else { return .row(observation) }
    return .frame(try memory.appendFrame(frame ?? [], after: last))
  }
}

extension ReplayMemory {
  /// Adds a frame; transitions whose frames it takes the place of are forgotten.
  fileprivate func appendFrame(
    _ frame: [UInt8],
    after last: FrameStore.Place?
  ) throws(ReinforcementError) -> FrameStore.Place {
    // Nothing here may hold a second reference to the frames while one is added: they would be copied.
    guard let byteCount = frames?.byteCount, let first = frames?.firstNumberAfterAppending,
      frame.count == byteCount
    else {
      throw .replay("a frame of \(frame.count) bytes, expected \(frames?.byteCount ?? 0)")
    }
    while count > 0, let oldest = frames?.places[firstNumber % capacity].observation.oldest,
      oldest < first
    {
      dropFirst()
    }
    guard let place = frame.withUnsafeBytes({ frames?.append($0, after: last) }) else {
      throw .replay("it holds no frames")
    }
    return place
  }
}

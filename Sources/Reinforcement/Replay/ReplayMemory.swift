import Tensors

/// The last transitions of an agent, to be drawn again in random order (Lin 1992).
///
/// A transition is (observation, action, return, next observation, discount): the value of the action is learned as
/// return + discount * value(next observation). For n-step returns `ReplayRecorder` sums the rewards and gives gamma^n; where the
/// episode terminated the discount is 0.
///
/// Bounded by a number of transitions and by bytes; the oldest make room. What is drawn is a function of the contents and of the random
/// numbers given. Used by one thread at a time.
package final class ReplayMemory {
  package let options: ReplayOptions
  /// Transitions that fit.
  package let capacity: Int

  /// The number of the oldest transition held; transitions are numbered from 0 as they come.
  package internal(set) var firstNumber = 0
  /// One more than the number of the newest.
  package internal(set) var endNumber = 0

  // Transition k is in slot k % capacity. The arrays grow up to the capacity.
  var actions: [Int32] = []
  var returns: [Float] = []
  var discounts: [Float] = []
  var rows: RowStore?
  var frames: FrameStore?
  /// p_i^alpha by slot, 0 where nothing is; `nil` where all are drawn with the same probability.
  var priorities: SumTree?
  /// The largest p so far.
  var priorityMax = 1.0

  /// - Throws: `ReinforcementError.replay` for sizes that make no memory.
  package init(_ options: ReplayOptions) throws(ReinforcementError) {
    self.options = options
    capacity = try options.slotCount()
    switch options.observations {
    case .rows(let shape): rows = RowStore(count: shape.elementCount)
    case .frames(let count, let height, let width):
      frames = FrameStore(
        stack: count,
        byteCount: height * width,
        capacity: capacity + capacity / 8 + count + 1
      )
    }
    if case .prioritized = options.draw { priorities = SumTree(count: capacity) }
  }

  /// Transitions held.
  package var count: Int { endNumber - firstNumber }

  /// Bytes that a full memory takes at most; below `options.byteCountMax`.
  package var byteCountMax: Int { options.fixedByteCount + capacity * options.byteCountPerSlot }

  /// Adds a transition between two observations given in full, as a client posts them.
  ///
  /// - Parameters:
  ///   - observation: row-major numbers.
  ///   - action: what was done there.
  ///   - reward: the reward, or the sum of n discounted ones.
  ///   - next: what was seen after it.
  ///   - discount: of the value of `next`: gamma, or gamma^n; 0 where the episode terminated.
  /// - Throws: `ReinforcementError.replay` for wrong lengths, an action that is none, numbers that are not finite, or a memory of frames.
  package func append(
    observation: [Float],
    action: Int,
    reward: Float,
    next: [Float],
    discount: Float
  ) throws(ReinforcementError) {
    guard let count = rows?.count else {
      throw .replay("it holds frames, not observations; record episodes")
    }
    for (name, row) in [("observation", observation), ("next observation", next)] {
      guard row.count == count else {
        throw .replay("\(name) has \(row.count) numbers, expected \(count)")
      }
      if let index = row.firstIndex(where: { !$0.isFinite }) {
        throw .replay("\(name)[\(index)] is \(row[index])")
      }
    }
    try check(action: action, reward: reward, discount: discount)
    let slot = makeSlot(action: action, reward: reward, discount: discount)
    rows?.store(observation, next, slot: slot)
  }

  func check(
    action: Int,
    reward: Float,
    discount: Float
  ) throws(ReinforcementError) {
    guard (0..<options.actionCount).contains(action) else {
      throw .replay("action \(action) of \(options.actionCount)")
    }
    guard reward.isFinite, discount.isFinite, discount >= 0, discount <= 1 else {
      throw .replay("reward \(reward) and discount \(discount); expected finite, and 0 to 1")
    }
  }

  /// Takes the next slot and fills in what every transition has.
  func makeSlot(action: Int, reward: Float, discount: Float) -> Int {
    let slot = endNumber % capacity
    if count == capacity { firstNumber += 1 }
    endNumber += 1
    if slot == actions.count {
      actions.append(Int32(action))
      returns.append(reward)
      discounts.append(discount)
    } else {
      actions[slot] = Int32(action)
      returns[slot] = reward
      discounts[slot] = discount
    }
    if case .prioritized(let alpha, _) = options.draw {
      priorities?[slot] = power(priorityMax, alpha)
    }
    return slot
  }

  /// Forgets the oldest transition.
  func dropFirst() {
    priorities?[firstNumber % capacity] = 0
    firstNumber += 1
  }
}

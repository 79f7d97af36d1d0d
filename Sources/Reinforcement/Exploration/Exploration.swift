package import Tensors

/// How an agent that learns chooses among its actions: a distribution over them, made of what it knows about each.
///
/// An action of value minus infinity is not allowed, one that is no number counts as such: its probability is 0. Where that leaves
/// none, action 0 gets the whole probability.
package protocol Exploration: Sendable {
  /// Writes the probability of each action, which add up to 1.
  ///
  /// - Parameters:
  ///   - row: What is known about the actions.
  ///   - probabilities: As many numbers as the row has actions.
  func writeProbabilities(
    of row: ActionRow,
    into probabilities: UnsafeMutableBufferPointer<Float>
  )
}

/// What is known about the actions in one state.
package struct ActionRow {
  /// q(s, a) of each action: a row of a table, or of a network's output.
  package var values: UnsafeBufferPointer<Float>
  /// How often each was learnt from in this state; `nil` where nobody counts.
  package var visits: UnsafeBufferPointer<UInt32>?
  /// Steps that the agent has taken so far, for what changes over time.
  package var step: Int

  package init(
    values: UnsafeBufferPointer<Float>,
    visits: UnsafeBufferPointer<UInt32>? = nil,
    step: Int = 0
  ) {
    self.values = values
    self.visits = visits
    self.step = step
  }

  /// Whether the action may be chosen.
  package func allows(_ action: Int) -> Bool { values[action] > -.infinity }

  /// The allowed action of the greatest value, of equal ones that with the lowest index; 0 where none is allowed.
  package var greedyAction: Int {
    var best = 0
    var greatest = -Float.infinity
    for action in values.indices where values[action] > greatest {
      best = action
      greatest = values[action]
    }
    return best
  }
}

extension Exploration {
  /// Draws an action: one number of `random`, whatever the distribution.
  ///
  /// - Returns: The first action at which the running sum of probabilities passes the number.
  /// - Precondition: The row has an action.
  package func choose(_ row: ActionRow, using random: inout Philox) -> Int {
    let draw = random.uniform()
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: row.values.count) { buffer in
      writeProbabilities(of: row, into: buffer)
      var sum: Float = 0
      var last = 0
      for action in row.values.indices where buffer[action] > 0 {
        sum += buffer[action]
        last = action
        if draw < sum { return action }
      }
      // Rounding may leave the sum of all below the draw.
      return last
    }
  }
}

extension UnsafeMutableBufferPointer<Float> {
  /// The distribution that has one action alone.
  func initialize(certain action: Int) {
    initialize(repeating: 0)
    self[action] = 1
  }
}

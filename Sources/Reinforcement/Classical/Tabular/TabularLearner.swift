/// What learns the values of actions in a table, step by step.
package protocol TabularLearner: Sendable {
  var table: QTable { get }

  /// Learns from one step.
  ///
  /// - Parameters:
  ///   - transition: What happened.
  ///   - nextAction: What the agent will do in the state it has come to; of no meaning after a terminal step.
  mutating func learn(_ transition: TabularTransition, nextAction: Int)
}

/// One step between numbered states.
package struct TabularTransition: Equatable, Sendable {
  package var state: Int
  package var action: Int
  package var reward: Float
  package var next: Int
  /// Whether nothing follows; a step at which an episode was merely cut is none of these.
  package var isTerminated: Bool

  package init(state: Int, action: Int, reward: Float, next: Int, isTerminated: Bool = false) {
    self.state = state
    self.action = action
    self.reward = reward
    self.next = next
    self.isTerminated = isTerminated
  }
}

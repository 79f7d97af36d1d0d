/// Curiosity: to the value of an action it adds weight / (1 + n), where n counts how often it was learnt from in this state.
///
/// Another exploration chooses among the raised values, the greedy one unless told otherwise. Where nobody counts, every action gets
/// the same bonus and nothing changes. `QLearning` takes it too, to make what leads to unknown actions worth more.
package struct CountBonus: Exploration {
  /// In the unit of the values.
  package var weight: Float
  package var chooser: any Exploration

  package init(weight: Float, chooser: any Exploration = EpsilonGreedy.greedy) {
    self.weight = weight
    self.chooser = chooser
  }

  /// What an action is worth more after n visits.
  package func bonus(visits: UInt32) -> Float { weight / (1 + Float(visits)) }

  package func writeProbabilities(
    of row: ActionRow,
    into probabilities: UnsafeMutableBufferPointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: row.values.count) { raised in
      for action in row.values.indices {
        let bonus = bonus(visits: row.visits?[action] ?? 0)
        raised.initializeElement(at: action, to: row.values[action] + bonus)
      }
      var raisedRow = row
      raisedRow.values = UnsafeBufferPointer(raised)
      chooser.writeProbabilities(of: raisedRow, into: probabilities)
    }
  }
}

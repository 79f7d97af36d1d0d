/// Any allowed action, all alike: sees everything in the end, and learns nothing about what is good sooner than about the rest.
package struct RandomExploration: Exploration {
  package init() {}

  package func writeProbabilities(
    of row: ActionRow,
    into probabilities: UnsafeMutableBufferPointer<Float>
  ) {
    let allowed = row.values.indices.reduce(0) { $0 + (row.allows($1) ? 1 : 0) }
    guard allowed > 0 else { return probabilities.initialize(certain: 0) }
    for action in row.values.indices {
      probabilities.initializeElement(
        at: action,
        to: row.allows(action) ? 1 / Float(allowed) : 0
      )
    }
  }
}

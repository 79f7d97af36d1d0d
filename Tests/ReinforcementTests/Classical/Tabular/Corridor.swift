import Reinforcement

/// Five cells in a row: left or right by one cell for nothing, 1 for reaching the last, which ends the episode.
enum Corridor {
  static func process() throws -> MarkovDecisionProcess {
    try MarkovDecisionProcess(
      stateCount: 5,
      actionCount: 2,
      outcomes: (0..<5).flatMap { cell -> [[MarkovDecisionProcess.Outcome]] in
        [
          [.init(probability: 1, next: max(cell - 1, 0), reward: 0)],
          [
            .init(
              probability: 1,
              next: min(cell + 1, 4),
              reward: cell == 3 ? 1 : 0,
              isTerminal: cell >= 3
            )
          ],
        ]
      }
    )
  }

  static func environment() throws -> SampledProcess {
    try SampledProcess(
      name: "corridor",
      process: process(),
      startProbabilities: [1, 0, 0, 0, 0],
      actions: ["left", "right"],
      episodeStepsMax: 1000
    )
  }

  /// q(s, a) of going right but for a share epsilon of random steps, by repeating its equation.
  static func epsilonGreedyValues(epsilon: Double, discount: Double) throws -> [Double] {
    var q = [Double](repeating: 0, count: 10)
    for _ in 0..<2_000 {
      let values = (0..<5).map { (1 - epsilon / 2) * q[$0 * 2 + 1] + epsilon / 2 * q[$0 * 2] }
      for cell in 0..<4 {
        q[cell * 2] = discount * values[max(cell - 1, 0)]
        q[cell * 2 + 1] = cell == 3 ? 1 : discount * values[cell + 1]
      }
    }
    return q
  }
}

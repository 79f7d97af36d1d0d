/// Crossing a frozen lake from the start S to the goal G over ice F without falling into a hole H; Gymnasium's FrozenLake-v1.
///
/// On slippery ice a move goes where it was aimed, or to either side of that, with a third each. Reaching the goal earns 1; the
/// episode ends there and in holes.
package enum FrozenLake {
  /// Gymnasium's two maps, one string per row.
  package static let map4x4 = ["SFFF", "FHFH", "FFFH", "HFFG"]
  package static let map8x8 = [
    "SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG",
  ]

  /// Rows or columns of a map.
  package static let sideMax = 64

  package static let actions = ["left", "down", "right", "up"]

  /// The lake with Gymnasium's name, time limit and threshold for a map of 4 x 4 or 8 x 8.
  package static func environment(
    isLarge: Bool = false,
    isSlippery: Bool = true
  ) throws(ReinforcementError) -> SampledProcess {
    try environment(
      name: "FrozenLake\(isLarge ? "8x8" : "")\(isSlippery ? "" : "NotSlippery")-v1",
      map: isLarge ? map8x8 : map4x4,
      isSlippery: isSlippery,
      episodeStepsMax: isLarge ? 200 : 100,
      rewardThreshold: isLarge ? 0.85 : 0.70
    )
  }

  /// A lake of one's own: rows of equal length over S, F, H and G; an episode starts at any S.
  ///
  /// - Returns: An environment whose state number is row * columns + column.
  /// - Throws: `ReinforcementError.environment` naming what is wrong with the map.
  package static func environment(
    name: String,
    map: [String],
    isSlippery: Bool,
    episodeStepsMax: Int,
    rewardThreshold: Double? = nil
  ) throws(ReinforcementError) -> SampledProcess {
    let lake = try Lake(name: name, map: map)
    let starts = lake.cells.map { $0 == "S" ? 1.0 : 0 }
    let startCount = starts.reduce(0, +)
    return try SampledProcess(
      name: name,
      process: try lake.process(isSlippery: isSlippery),
      startProbabilities: starts.map { $0 / startCount },
      actions: actions,
      episodeStepsMax: episodeStepsMax,
      rewardThreshold: rewardThreshold
    )
  }
}

/// The cells of a map in row-major order.
private struct Lake {
  let cells: [Character]
  let rowCount: Int
  let columnCount: Int

  init(name: String, map: [String]) throws(ReinforcementError) {
    rowCount = map.count
    columnCount = map.first?.count ?? 0
    cells = map.flatMap(Array.init)
    let sides = 1...FrozenLake.sideMax
    guard sides.contains(rowCount), sides.contains(columnCount),
      map.allSatisfy({ $0.count == columnCount }), cells.allSatisfy({ "SFHG".contains($0) }),
      cells.contains("S")
    else {
      throw .environment(
        "\(name): expected a map of 1 to \(FrozenLake.sideMax) rows of equal length over S, F, H and G with an S"
      )
    }
  }

  func process(isSlippery: Bool) throws(ReinforcementError) -> MarkovDecisionProcess {
    var outcomes: [[MarkovDecisionProcess.Outcome]] = []
    for cell in cells.indices {
      for action in FrozenLake.actions.indices {
        if "GH".contains(cells[cell]) {
          outcomes.append([.init(probability: 1, next: cell, reward: 0, isTerminal: true)])
        } else if isSlippery {
          // Gymnasium's own rounding: the sides get half of what one third leaves.
          let aimed = 1.0 / 3.0
          let aside = (1 - aimed) / 2
          outcomes.append([
            outcome(aside, from: cell, towards: (action + 3) % 4),
            outcome(aimed, from: cell, towards: action),
            outcome(aside, from: cell, towards: (action + 1) % 4),
          ])
        } else {
          outcomes.append([outcome(1, from: cell, towards: action)])
        }
      }
    }
    return try MarkovDecisionProcess(
      stateCount: cells.count,
      actionCount: FrozenLake.actions.count,
      outcomes: outcomes
    )
  }

  private func outcome(
    _ probability: Double,
    from cell: Int,
    towards direction: Int
  ) -> MarkovDecisionProcess.Outcome {
    var (row, column) = cell.quotientAndRemainder(dividingBy: columnCount)
    switch direction {
    case 0: column = max(column - 1, 0)
    case 1: row = min(row + 1, rowCount - 1)
    case 2: column = min(column + 1, columnCount - 1)
    default: row = max(row - 1, 0)
    }
    let next = row * columnCount + column
    return .init(
      probability: probability,
      next: next,
      reward: cells[next] == "G" ? 1 : 0,
      isTerminal: "GH".contains(cells[next])
    )
  }
}

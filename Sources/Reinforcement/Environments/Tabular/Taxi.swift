/// A taxi that fetches a passenger at one of four stands and brings them to another; Gymnasium's Taxi-v3 (Taxi-v4 since 1.3, without rain).
///
/// Five rows and columns with walls between some columns; a state's number is ((row * 5 + column) * 5 + passenger) * 4 + destination,
/// where passenger 4 rides in the taxi. A step costs 1, a wrong pick-up or drop-off 10; delivering earns 20 and ends the episode.
/// T. G. Dietterich, Hierarchical reinforcement learning with the MAXQ value function decomposition (2000).
package enum Taxi {
  package static let actions = ["south", "north", "east", "west", "pickup", "dropoff"]

  /// Row and column of the stands red, green, yellow and blue.
  package static let stands = [(row: 0, column: 0), (0, 4), (4, 0), (4, 3)]

  private static let side = 5
  private static let riding = 4
  /// One string per row, one character between neighbouring columns: `|` is a wall.
  private static let walls = [" |  ", " |  ", "    ", "| | ", "| | "].map(Array.init)

  /// The taxi with Gymnasium's time limit and threshold.
  package static func environment() throws(ReinforcementError) -> SampledProcess {
    var outcomes: [[MarkovDecisionProcess.Outcome]] = []
    var starts: [Double] = []
    let passengers = stands.count + 1
    for number in 0..<(side * side * passengers * stands.count) {
      let state = State(number: number)
      let isStart = state.passenger != riding && state.passenger != state.destination
      starts.append(isStart ? 1 : 0)
      for action in actions.indices { outcomes.append([outcome(state, action)]) }
    }
    let startCount = starts.reduce(0, +)
    return try SampledProcess(
      name: "Taxi-v3",
      process: try MarkovDecisionProcess(
        stateCount: starts.count,
        actionCount: actions.count,
        outcomes: outcomes
      ),
      startProbabilities: starts.map { $0 / startCount },
      actions: actions,
      episodeStepsMax: 200,
      rewardThreshold: 8
    )
  }

  private static func outcome(_ state: State, _ action: Int) -> MarkovDecisionProcess.Outcome {
    var next = state
    var reward = -1.0
    var isTerminal = false
    let stand = stands.firstIndex { $0 == (state.row, state.column) }
    switch action {
    case 0: next.row = min(state.row + 1, side - 1)
    case 1: next.row = max(state.row - 1, 0)
    case 2:
      if state.column + 1 < side, walls[state.row][state.column] == " " { next.column += 1 }
    case 3:
      if state.column > 0, walls[state.row][state.column - 1] == " " { next.column -= 1 }
    case 4:
      if state.passenger != riding, stand == state.passenger {
        next.passenger = riding
      } else {
        reward = -10
      }
    default:
      if let stand, state.passenger == riding {
        next.passenger = stand
        isTerminal = stand == state.destination
        reward = isTerminal ? 20 : -1
      } else {
        reward = -10
      }
    }
    return .init(probability: 1, next: next.number, reward: reward, isTerminal: isTerminal)
  }

  /// Where everyone is.
  private struct State {
    var row: Int
    var column: Int
    var passenger: Int
    var destination: Int

    init(number: Int) {
      destination = number % 4
      passenger = number / 4 % 5
      column = number / 20 % 5
      row = number / 100
    }

    var number: Int { ((row * 5 + column) * 5 + passenger) * 4 + destination }
  }
}

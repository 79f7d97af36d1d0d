import Glibc
import Reinforcement

/// Draws what an agent sees as lines of text.
struct EnvironmentPicture {
  let specification: EnvironmentSpecification

  /// The lines for an observation; its numbers by name for an environment that there is no picture of.
  func lines(_ observation: [Float]) -> [String] {
    let numbers = observation.map(Double.init)
    // No picture has room for others, or for what is no number.
    guard numbers.allSatisfy({ abs($0) <= Self.numberMax }) else { return fields(numbers) }
    switch specification.name {
    case "CartPole-v1" where numbers.count == 4:
      return Self.cartPole(position: numbers[0], angle: numbers[2])
    case "MountainCar-v0" where numbers.count == 2:
      return Self.mountainCar(position: numbers[0])
    case "Acrobot-v1" where numbers.count == 6:
      return Self.acrobot(numbers)
    case "Taxi-v3" where numbers.count == 1 && (0..<500).contains(numbers[0]):
      return Self.taxi(Int(numbers[0]))
    case let name where name.hasPrefix("FrozenLake") && numbers.count == 1:
      return Self.lake(Int(numbers[0]), isLarge: name.hasPrefix("FrozenLake8x8"))
    case "Catch-v1", "CatchSmall-v1": return Self.frame(observation)
    default: return fields(numbers)
    }
  }

  /// The largest number that is drawn.
  private static let numberMax = 1e6

  private func fields(_ numbers: [Double]) -> [String] {
    guard case .box(_, _, _, let names) = specification.observation, names.count == numbers.count
    else { return [numbers.prefix(8).map { "\($0)" }.joined(separator: " ")] }
    return zip(names, numbers).map { "\($0): \($1)" }
  }

  // MARK: - Control

  /// Columns of most pictures.
  private static let width = 61

  /// A cart on a track from -2.4 to 2.4, its pole five rows long.
  private static func cartPole(position: Double, angle: Double) -> [String] {
    let length = 5.0
    var canvas = TextCanvas(width: width, height: 8)
    let column = (position / 2.4 + 1) / 2 * Double(width - 1)
    // A character is about twice as high as it is wide.
    canvas.line(
      from: (column, length),
      to: (column + 2 * length * sin(angle), length - length * cos(angle)),
      "|"
    )
    canvas.write("[ooo]", Int(column.rounded()) - 2, 6)
    canvas.write(String(repeating: "=", count: width), 0, 7)
    return canvas.lines
  }

  /// A car between two hills from -1.2 to 0.6, the flag at 0.5.
  private static func mountainCar(position: Double) -> [String] {
    let height = 12
    var canvas = TextCanvas(width: width, height: height)
    func column(_ x: Double) -> Int { Int(((x + 1.2) / 1.8 * Double(width - 1)).rounded()) }
    func row(_ x: Double) -> Int {
      Int(((1 - sin(3 * x)) / 2 * Double(height - 3)).rounded()) + 2
    }
    for place in 0..<width {
      let x = Double(place) / Double(width - 1) * 1.8 - 1.2
      canvas.set(place, row(x), "_")
    }
    canvas.write("|>", column(0.5), row(0.5) - 1)
    canvas.set(column(position), row(position) - 1, "o")
    return canvas.lines
  }

  /// Two links hanging from a joint, the line above it that the free end should reach.
  private static func acrobot(_ numbers: [Double]) -> [String] {
    // Rows of one link.
    let unit = 4.0
    var canvas = TextCanvas(width: 37, height: 18)
    let joint = (column: 18.0, row: 8.5)
    let first = atan2(numbers[1], numbers[0])
    let both = first + atan2(numbers[3], numbers[2])
    let elbow = (
      column: joint.column + 2 * unit * sin(first), row: joint.row + unit * cos(first)
    )
    let end = (column: elbow.column + 2 * unit * sin(both), row: elbow.row + unit * cos(both))
    canvas.write(String(repeating: "-", count: canvas.width), 0, Int(joint.row - unit))
    canvas.line(from: joint, to: elbow, "#")
    canvas.line(from: elbow, to: end, "*")
    canvas.set(Int(joint.column), Int(joint.row.rounded()), "O")
    return canvas.lines
  }

  // MARK: - Grids

  /// The lake with the agent's field in brackets.
  private static func lake(_ state: Int, isLarge: Bool) -> [String] {
    let map = (isLarge ? FrozenLake.map8x8 : FrozenLake.map4x4).map(Array.init)
    return map.enumerated().map { row, fields in
      fields.enumerated().map { column, field in
        let sign: Character = field == "F" ? "." : field
        return row * map.count + column == state ? "[\(sign)]" : " \(sign) "
      }.joined()
    }
  }

  /// The city: `t` the taxi (`T` with its passenger), `p` the passenger, `D` the destination.
  private static func taxi(_ state: Int) -> [String] {
    let city = [
      "+---------+", "|R: | : :G|", "| : | : : |", "| : : : : |", "| | : | : |", "|Y| : |B: |",
      "+---------+",
    ]
    var canvas = TextCanvas(width: 11, height: city.count)
    for (row, line) in city.enumerated() { canvas.write(line, 0, row) }
    func place(_ place: (row: Int, column: Int), _ sign: Character) {
      canvas.set(2 * place.column + 1, place.row + 1, sign)
    }
    let (destination, passenger) = (state % 4, state / 4 % 5)
    let isRiding = passenger >= Taxi.stands.count
    place(Taxi.stands[destination], "D")
    if !isRiding { place(Taxi.stands[passenger], "p") }
    place((state / 100 % 5, state / 20 % 5), isRiding ? "T" : "t")
    return canvas.lines
  }

  /// The newest picture of a stack, one character for each cell.
  private static func frame(_ stack: [Float]) -> [String] {
    let count = stack.count / FrameStack.count
    let side = Int(Double(count).squareRoot().rounded())
    let scale = max(1, side / Catch.side)
    guard side * side == count, side > 0 else { return [] }
    let newest = stack.suffix(count)
    return stride(from: 0, to: side, by: scale).map { row in
      let cells = stride(from: 0, to: side, by: scale).map { column in
        newest[newest.startIndex + row * side + column] > 127 ? "##" : " ."
      }
      return cells.joined()
    }
  }
}

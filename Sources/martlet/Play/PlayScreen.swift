import CommandLineTool
import Glibc
import Reinforcement
import Service

/// Shows episodes: on a terminal a picture that moves, elsewhere a line for each episode.
struct PlayScreen {
  private let terminal = Terminal.output
  private let picture: EnvironmentPicture
  private let secondsPerStep: Double
  private var block = LiveBlock()

  init(_ specification: EnvironmentSpecification, secondsPerStep: Double) {
    picture = EnvironmentPicture(specification: specification)
    self.secondsPerStep = secondsPerStep
  }

  /// Shows a moment of an episode, and waits as long as it is to be seen.
  mutating func show(
    _ observation: [Float],
    _ answer: QValueClient.Answer,
    episode: Int,
    step: Int,
    reward: Double
  ) {
    guard terminal.isInteractive else { return }
    let values = zip(answer.actions, answer.values).enumerated().map { index, pair in
      let text = "\(pair.0) \(Self.short(pair.1))"
      return index == answer.action ? "[\(text)]" : " \(text) "
    }
    let status = "episode \(episode), step \(step), return \(Self.short(reward))"
    let lines =
      [status.printable] + picture.lines(observation) + [values.joined(separator: " ").printable]
    terminal.write(block.redraw(lines, width: terminal.width, height: terminal.height))
    if secondsPerStep > 0 { usleep(UInt32(secondsPerStep * 1e6)) }
  }

  /// Says how an episode ended.
  mutating func end(_ text: String) {
    terminal.write(terminal.isInteractive ? block.print(text) : text + "\n")
  }

  /// Two digits behind the point.
  static func short(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    return "\((value * 100).rounded() / 100)"
  }
}

import CommandLineTool
import Glibc
import HTTP
import Service
import Synchronization

/// Shows a job: on a terminal curves that are drawn in place, elsewhere plain lines.
///
/// Ctrl-C leaves the job alone.
final class FinetuneScreen: Sendable {
  private struct State {
    var job: String?
    var isStarting = false
    var curves = TrainingCurves()
    var block = LiveBlock()
    /// When the block was drawn or a line of numbers written, seconds.
    var lastShown = 0.0
  }

  private let state = Mutex(State())
  private let terminal = Terminal.output
  private let flags: String

  /// Seconds between two pictures on a terminal.
  private static let pictureInterval = 0.1
  /// Seconds between two lines of numbers elsewhere.
  private static let lineInterval = 10.0
  /// Lines of each curve, without title and scale.
  private static let curveHeight = 6
  /// Columns that `LineChart` needs beside its picture.
  private static let scaleWidth = 10
  /// Columns of a picture at most.
  private static let pictureWidthMax = 100
  /// Exit code after Ctrl-C, as shells have it.
  private static let detachedCode: Int32 = 130

  /// Keeps watch for Ctrl-C from now on; `flags` lead to the same server in hints.
  init(_ flags: String) {
    self.flags = flags
    signals.withLock { signals in
      signals = TerminationSignals { [self] in detach() }
    }
  }

  private let signals = Mutex<TerminationSignals?>(nil)

  /// Says that the server is being asked for a job now.
  func start() { state.withLock { $0.isStarting = true } }

  /// Says which job is watched.
  func begin(_ job: String) {
    state.withLock { $0.job = job }
    terminal.write("\(job.printable) on its way; Ctrl-C stops watching, not the job\n")
  }

  /// Shows an event.
  func show(_ event: FollowedEvent) {
    state.withLock { state in
      switch event {
      case .message(let level, let text):
        line(level == "info" ? text : "\(level): \(text)", state)
      case .reconnecting(let attempt, let seconds, let problem):
        let pause = LineChart.text(seconds)
        line(
          "\(problem.message); attempt \(attempt) of \(JobFollower.attemptCountMax) in \(pause) s",
          state
        )
      case .metrics(let metrics):
        state.curves.fold(metrics)
        show(&state, isDue: metrics.isValidated)
      }
    }
  }

  /// The last picture, with everything that came.
  func end() {
    state.withLock { state in
      if terminal.isInteractive, state.curves.latest.step != nil { draw(&state) }
      state.block = LiveBlock()
    }
  }

  /// How to come back, and how to stop the job.
  var hint: String { state.withLock { hint($0) } }

  private func hint(_ state: State) -> String {
    guard let job = state.job?.printable else {
      return state.isStarting
        ? "stopped while the job was being started: see martlet finetune --jobs\(flags)\n"
        : "stopped: no job was started\n"
    }
    return """
      the job goes on
        watch it:   martlet finetune --watch \(job)\(flags)
        cancel it:  martlet finetune --cancel \(job)\(flags)

      """
  }

  private func detach() {
    state.withLock { state in
      terminal.write("\n" + hint(state))
      // The main thread waits for the server: there is nothing to unwind.
      _exit(Self.detachedCode)
    }
  }

  // MARK: - Drawing

  private func line(_ text: String, _ state: State) {
    let text = text.printable
    terminal.write(terminal.isInteractive ? state.block.print(text) : text + "\n")
  }

  private func show(_ state: inout State, isDue: Bool) {
    let now = Self.now()
    if terminal.isInteractive {
      guard now - state.lastShown >= Self.pictureInterval else { return }
      draw(&state)
    } else {
      guard isDue || now - state.lastShown >= Self.lineInterval else { return }
      terminal.write(Self.status(state.curves.latest).joined(separator: ", ") + "\n")
    }
    state.lastShown = now
  }

  private func draw(_ state: inout State) {
    let width = terminal.width
    let chart = LineChart(
      width: min(width - Self.scaleWidth, Self.pictureWidthMax),
      height: Self.curveHeight
    )
    var lines = chart.lines([.init("training loss", state.curves.trainLoss.points)])
    if let (name, curve) = state.curves.validation {
      lines += chart.lines([.init(name, curve.points)])
    }
    // The numbers of now come first, so that a low window shows them.
    let all = Self.status(state.curves.latest) + lines
    terminal.write(state.block.redraw(all, width: width, height: terminal.height))
  }

  /// How far it is, and how good: `epoch 3, step 420, 12 s left, ...` and `loss 0.31, ...`.
  private static func status(_ metrics: TrainingMetrics) -> [String] {
    var progress: [String] = []
    if let epoch = metrics.epoch { progress.append("epoch \(epoch)") }
    if let step = metrics.step { progress.append("step \(step)") }
    if let seconds = metrics.secondsLeft {
      progress.append("\(ProgressBar.duration(seconds)) left")
    }
    if let speed = metrics.examplesPerSecond {
      progress.append("\(LineChart.text(speed)) examples/s")
    }
    if let rate = metrics.learningRate { progress.append("learning rate \(threeDigits(rate))") }
    let numbers = [
      ("loss", metrics.trainLoss), ("accuracy", metrics.trainAccuracy),
      ("validation loss", metrics.validLoss), ("validation accuracy", metrics.validAccuracy),
    ]
    let quality = numbers.compactMap { name, number in
      number.map { "\(name) \(LineChart.text($0))" }
    }
    return [progress, quality].filter { !$0.isEmpty }.map { $0.joined(separator: ", ") }
  }

  /// Three significant digits: rates may be small.
  private static func threeDigits(_ number: Double) -> String {
    guard number > 0 else { return LineChart.text(number) }
    let unit = pow(10, log10(number).rounded(.down) - 2)
    return Float((number / unit).rounded() * unit).description
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

import Glibc

/// Shows how far a long piece of work is: a line that rewrites itself on a terminal, now and then a new line elsewhere.
package struct ProgressBar {
  private let title: String
  private let total: Int
  private let unit: String
  private let terminal: Terminal
  private let isInteractive: Bool
  private let start: Double
  private var lastShown: Double

  /// Seconds between two updates on a terminal.
  private static let terminalInterval = 0.1
  /// Seconds between two lines in a file.
  private static let lineInterval = 10.0

  /// - Parameters:
  ///   - title: What is being done.
  ///   - total: How many units the work has.
  ///   - unit: What is counted, for the rate: `samples`.
  ///   - terminal: Where it is shown.
  package init(_ title: String, total: Int, unit: String, terminal: Terminal = .error) {
    self.title = title
    self.total = max(total, 1)
    self.unit = unit
    self.terminal = terminal
    isInteractive = terminal.isInteractive
    start = Self.now()
    lastShown = start
  }

  /// Tells that `done` units are done; `note` stands at the end of the line.
  package mutating func update(_ done: Int, note: String = "") {
    let now = Self.now()
    let interval = isInteractive ? Self.terminalInterval : Self.lineInterval
    guard now - lastShown >= interval else { return }
    lastShown = now
    let line = Self.line(
      title,
      done: done,
      of: total,
      unit: unit,
      seconds: now - start,
      note: note,
      barWidth: isInteractive ? 24 : 0
    )
    terminal.write(isInteractive ? "\r\u{1B}[2K\(line.prefix(terminal.width - 1))" : "\(line)\n")
  }

  /// Removes the bar and writes a last line.
  package func finish(_ line: String) {
    terminal.write(isInteractive ? "\r\u{1B}[2K\(line)\n" : "\(line)\n")
  }

  /// One line: title, bar, share, rate, remaining time, note.
  static func line(
    _ title: String,
    done: Int,
    of total: Int,
    unit: String,
    seconds: Double,
    note: String,
    barWidth: Int
  ) -> String {
    let share = min(1, max(0, Double(done) / Double(total)))
    let rate = seconds > 0 ? Double(done) / seconds : 0
    var parts = [title]
    if barWidth > 0 {
      let filled = Int(share * Double(barWidth))
      parts.append(
        "[" + String(repeating: "=", count: filled)
          + String(repeating: " ", count: barWidth - filled) + "]"
      )
    }
    parts.append("\(Int(share * 100))%")
    parts.append("\(Int(rate.rounded())) \(unit)/s")
    if rate > 0 { parts.append("\(duration(Double(total - done) / rate)) left") }
    if !note.isEmpty { parts.append(note) }
    return parts.joined(separator: " ")
  }

  /// Seconds in words: `42 s`, `3:05 min`, `1:02:03 h`.
  package static func duration(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e9).rounded())
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60):\(two(whole % 60)) min" }
    return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60)) h"
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

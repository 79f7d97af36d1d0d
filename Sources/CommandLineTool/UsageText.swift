/// Renders `--help`.
package enum UsageText {
  /// The help of one command.
  package static func text(_ command: CommandSpecification, program: String) -> String {
    var line = "usage: \(program) \(command.name)"
    for positional in command.positionals {
      line += positional.isRequired ? " \(positional.name)" : " [\(positional.name)]"
    }
    if !command.flags.isEmpty { line += " [flags]" }
    var text = "\(line)\n\n\(command.summary)\n"
    if !command.positionals.isEmpty {
      text += "\narguments:\n" + columns(command.positionals.map { ($0.name, $0.help) })
    }
    let flags = command.flags.map { flag in
      (
        "--\(flag.name)" + (flag.value.map { " \($0)" } ?? ""),
        flag.help + (flag.defaultText.map { " (default \($0))" } ?? "")
      )
    }
    text += "\nflags:\n" + columns(flags + [("--help", "show this text")])
    if !command.notes.isEmpty { text += "\n\(command.notes)\n" }
    return text
  }

  /// The list of all commands.
  package static func overview(
    _ commands: [CommandSpecification],
    program: String,
    about: String,
    examples: String
  ) -> String {
    "\(about)\n\nusage: \(program) COMMAND [arguments]\n\ncommands:\n"
      + columns(commands.map { ($0.name, $0.summary) })
      + "\n\(examples)\n\nsee '\(program) COMMAND --help' for a command's arguments\n"
  }

  /// Two columns, the left one as wide as its longest word; long ones get a line of their own.
  private static func columns(_ rows: [(String, String)]) -> String {
    let widths = rows.map(\.0.count).filter { $0 <= leftWidthMax }
    let width = widths.max() ?? leftWidthMax
    return rows.map { left, right in
      let lines = wrapped(right, width: 96 - width)
      let indent = String(repeating: " ", count: width + 4)
      let head =
        left.count > width
        ? "  \(left)\n\(indent)"
        : "  \(left)" + String(repeating: " ", count: width - left.count + 2)
      return head + lines.joined(separator: "\n\(indent)") + "\n"
    }.joined()
  }

  private static let leftWidthMax = 32

  private static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = [""]
    for word in text.split(separator: " ") {
      if lines[lines.count - 1].isEmpty {
        lines[lines.count - 1] = String(word)
      } else if lines[lines.count - 1].count + word.count < width {
        lines[lines.count - 1] += " \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}

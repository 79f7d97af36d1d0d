import Glibc

/// A program of several commands.
package struct Program: Sendable {
  package let name: String
  /// One sentence.
  let about: String
  /// Command lines worth knowing, below the list of commands.
  let examples: String
  let commands: [any Command]

  package init(name: String, about: String, examples: String, commands: [any Command]) {
    self.name = name
    self.about = about
    self.examples = examples
    self.commands = commands
  }

  /// Exit code for a wrong command line and for input that cannot be used.
  package static let failureCode: Int32 = 2

  /// Runs the command that the arguments name, without the program's own name.
  ///
  /// - Returns: The exit code. Mistakes go to the standard error in one line.
  package func run(_ arguments: [String]) -> Int32 {
    guard let word = arguments.first, !["--help", "-h", "help"].contains(word) else {
      return showHelp(arguments)
    }
    guard let command = command(word) else {
      let known = commands.map(\.specification.name)
      complain("there is no command '\(word)'\(Suggestion.text(for: word, among: known))")
      return Self.failureCode
    }
    do {
      let parsed = try Arguments(arguments.dropFirst(), for: command.specification)
      if parsed.wantsHelp {
        show(UsageText.text(command.specification, program: name))
        return 0
      }
      return try command.run(parsed)
    } catch let error as UsageError {
      complain("\(error); see '\(name) \(word) --help'")
    } catch {
      complain("\(error)")
    }
    return Self.failureCode
  }

  private func command(_ name: String) -> (any Command)? {
    commands.first { $0.specification.name == name }
  }

  private func showHelp(_ arguments: [String]) -> Int32 {
    if arguments.count > 1, let command = command(arguments[1]) {
      show(UsageText.text(command.specification, program: name))
    } else {
      show(
        UsageText.overview(
          commands.map(\.specification),
          program: name,
          about: about,
          examples: examples
        )
      )
    }
    return 0
  }

  private func show(_ text: String) { Terminal.output.write(text) }

  private func complain(_ text: String) { Terminal.error.write("\(name): \(text)\n") }
}

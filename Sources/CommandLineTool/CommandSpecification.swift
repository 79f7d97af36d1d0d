/// What a command takes: the text of its `--help` and the rules for its arguments.
package struct CommandSpecification: Sendable {
  /// An argument by position.
  package struct Positional: Sendable {
    package let name: String
    package let help: String
    package let isRequired: Bool

    package init(_ name: String, _ help: String, isRequired: Bool = true) {
      self.name = name
      self.help = help
      self.isRequired = isRequired
    }
  }

  /// An argument by name, `--name` or `--name VALUE` or `--name=VALUE`.
  package struct Flag: Sendable {
    /// The name without dashes.
    package let name: String
    /// What the value is, in capitals; nil for a switch.
    package let value: String?
    package let help: String
    /// The default as text, shown in `--help`.
    package let defaultText: String?

    package init(
      _ name: String,
      value: String? = nil,
      _ help: String,
      default defaultText: String? = nil
    ) {
      self.name = name
      self.value = value
      self.help = help
      self.defaultText = defaultText
    }
  }

  package let name: String
  /// One line for the list of commands.
  package let summary: String
  package let positionals: [Positional]
  package let flags: [Flag]
  /// Paragraphs below the flags: examples, units, exit codes.
  package let notes: String

  package init(
    _ name: String,
    _ summary: String,
    positionals: [Positional] = [],
    flags: [Flag] = [],
    notes: String = ""
  ) {
    self.name = name
    self.summary = summary
    self.positionals = positionals
    self.flags = flags
    self.notes = notes
  }
}

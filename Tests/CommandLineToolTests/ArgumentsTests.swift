import Testing

@testable import CommandLineTool

@Suite struct ArgumentsTests {
  static let specification = CommandSpecification(
    "serve", "serve things",
    positionals: [.init("DIR", "a folder"), .init("FILE", "a file", isRequired: false)],
    flags: [
      .init("port", value: "PORT", "the port", default: "80"), .init("rate", value: "HZ", "how often"),
      .init("verbose", "say more"),
    ],
    notes: "Note.")

  static func problem(_ words: String...) -> String? {
    do throws(UsageError) {
      _ = try Arguments(words, for: specification)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func readsFlagsAndPositions() throws {
    let arguments = try Arguments(
      ["a", "--port", "81", "--verbose", "--rate=2.5", "b"], for: Self.specification)
    #expect(arguments.positionals == ["a", "b"])
    #expect(arguments.positional(1) == "b")
    #expect(arguments.positional(2) == nil)
    #expect(try arguments.integer("port", in: 0...100) == 81)
    #expect(try arguments.number("rate", in: 0...10) == 2.5)
    #expect(arguments.has("verbose"))
    #expect(arguments.string("rate") == "2.5")
  }

  @Test func absentFlagsAreNil() throws {
    let arguments = try Arguments(["a"], for: Self.specification)
    #expect(try arguments.integer("port", in: 0...100) == nil)
    #expect(!arguments.has("verbose"))
  }

  @Test func dashesEndFlags() throws {
    let arguments = try Arguments(["--", "--port", "-"], for: Self.specification)
    #expect(arguments.positionals == ["--port", "-"])
    #expect(try Arguments(["--", "--help"], for: Self.specification).wantsHelp == false)
  }

  @Test func helpWinsOverMistakes() throws {
    #expect(try Arguments(["--prot", "--help"], for: Self.specification).wantsHelp)
    #expect(try Arguments(["-h"], for: Self.specification).wantsHelp)
  }

  @Test func mistakesAreNamed() {
    #expect(Self.problem("a", "--prot", "1") == "unknown flag --prot; did you mean '--port'?")
    #expect(Self.problem("a", "--zebra") == "unknown flag --zebra")
    #expect(Self.problem("a", "--port") == "--port needs a value: --port PORT")
    #expect(Self.problem("a", "--verbose=1") == "--verbose takes no value")
    #expect(Self.problem("a", "--verbose", "--verbose") == "--verbose is there twice")
    #expect(Self.problem() == "DIR is missing")
    #expect(Self.problem("a", "b", "c") == "unexpected argument 'c'")
  }

  @Test(arguments: ["", "x", "1.5", "-1", "101", "99999999999999999999"])
  func badWholeNumbers(text: String) throws {
    let arguments = try Arguments(["a", "--port=\(text)"], for: Self.specification)
    #expect(throws: UsageError("--port must be a whole number from 0 to 100, got '\(text)'")) {
      try arguments.integer("port", in: 0...100)
    }
  }

  @Test(arguments: ["", "x", "nan", "11", "-0.1"]) func badNumbers(text: String) throws {
    let arguments = try Arguments(["a", "--rate=\(text)"], for: Self.specification)
    #expect(throws: UsageError.self) { try arguments.number("rate", in: 0...10) }
  }

  @Test func usageTellsEverything() {
    #expect(
      UsageText.text(Self.specification, program: "tool") == """
        usage: tool serve DIR [FILE] [flags]

        serve things

        arguments:
          DIR   a folder
          FILE  a file

        flags:
          --port PORT  the port (default 80)
          --rate HZ    how often
          --verbose    say more
          --help       show this text

        Note.

        """)
  }

  @Test func suggestions() {
    #expect(Suggestion.text(for: "sevre", among: ["serve", "train"]) == "; did you mean 'serve'?")
    #expect(Suggestion.text(for: "xyz", among: ["serve", "train"]) == "")
    #expect(Suggestion.distance("kitten", "sitting") == 3)
    #expect(Suggestion.distance("ab", "ba") == 1)
    #expect(Suggestion.distance("", "abc") == 3)
  }
}

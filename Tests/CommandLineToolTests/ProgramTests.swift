import Testing

@testable import CommandLineTool

@Suite struct ProgramTests {
  struct Echo: Command {
    struct Broken: Error {}
    let specification = CommandSpecification(
      "echo", "answers its argument", positionals: [.init("CODE", "the exit code")])

    func run(_ arguments: Arguments) throws -> Int32 {
      switch arguments.positionals[0] {
      case "usage": throw UsageError("no")
      case "broken": throw Broken()
      case let code: return Int32(code) ?? 9
      }
    }
  }

  static let program = Program(name: "tool", about: "About.", examples: "", commands: [Echo()])

  @Test func exitCodes() {
    #expect(Self.program.run(["echo", "0"]) == 0)
    #expect(Self.program.run(["echo", "7"]) == 7)
    #expect(Self.program.run(["echo"]) == 2)
    #expect(Self.program.run(["echo", "usage"]) == 2)
    #expect(Self.program.run(["echo", "broken"]) == 2)
    #expect(Self.program.run(["ehco"]) == 2)
    #expect(Self.program.run([]) == 0)
    #expect(Self.program.run(["--help"]) == 0)
    #expect(Self.program.run(["help", "echo"]) == 0)
    #expect(Self.program.run(["echo", "--help"]) == 0)
  }

  @Test func overviewListsCommands() {
    let text = UsageText.overview(
      [Echo().specification], program: "tool", about: "About.", examples: "Try it.")
    #expect(
      text == """
        About.

        usage: tool COMMAND [arguments]

        commands:
          echo  answers its argument

        Try it.

        see 'tool COMMAND --help' for a command's arguments

        """)
  }
}

import CommandLineTool
import Foundation
import Testing

@testable import martlet

/// What a command line gives: output, messages and exit codes.
@Suite struct CommandTests {
  @Test func aloneItListsEveryCommand() throws {
    let run = try ProgramRun([])
    #expect(run.status == 0)
    for command in Commands.all {
      #expect(run.output.contains("  \(command.specification.name) "))
      let help = try ProgramRun([command.specification.name, "--help"])
      #expect(help.status == 0 && help.output.contains("usage: martlet"))
    }
  }

  @Test(arguments: [
    (["serv"], "did you mean 'serve'?"),
    (["train", "mnist-mlp", "--data", "nowhere", "--epochs", "0"], "--epochs must be"),
    (["predict", "no-such-model"], "no model at 'no-such-model'"),
    (["play", "chess"], "there is no environment 'chess'; there are "),
    (["play", "cartpole", "--url", "ftp://x"], "--url"),
    (["examples", "cifar"], "SET is mnist, fashion-mnist or scenes"),
    (["serve", "--port", "65536"], "--port must be"),
    (["serve", "no-such-folder"], "no-such-folder"),
  ])
  func mistakesAreOneLineAndExitCode2(_ arguments: [String], _ message: String) throws {
    let run = try ProgramRun(arguments)
    #expect(run.status == 2)
    #expect(run.errors.contains(message), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    #expect(run.output.isEmpty)
  }

  @Test func predictReadsAFileOrTheInput() throws {
    let picture = ProgramRun.root.appendingPathComponent("docs/digit-7.png")
    let named = try ProgramRun(["predict", "lenet5", "docs/digit-7.png"])
    let piped = try ProgramRun(["predict", "lenet5"], input: Data(contentsOf: picture))
    #expect(named.status == 0 && named.output.contains(#""label":"7""#))
    #expect(named.output == piped.output)
  }

  @Test func verifyReplaysGoldenExamples() throws {
    let run = try ProgramRun(["verify", "lenet5"])
    #expect(run.status == 0)
    #expect(run.output == "models/lenet5/1: 8 golden examples agree\n")
  }

  @Test func inspectDrawsTheGraph() throws {
    let graph = try ProgramRun(["inspect", "lenet5", "--dot"])
    #expect(graph.status == 0 && graph.output.hasPrefix("digraph"))
    let picture = try ProgramRun(["inspect", "lenet5", "--svg"])
    #expect(picture.status == 0 && picture.output.contains("</svg>"))
  }
}

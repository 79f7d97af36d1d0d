import Foundation
import TestSupport
import Testing

/// A server started from the command line, and the commands that ask it.
@Suite struct ServeTests {
  @Test func itServesUntilItIsToldToEnd() throws {
    let folder = try TemporaryFolder()
    let process = ProgramRun.process([
      "serve", "models", "--port", "0", "--state", folder.path + "/state",
    ])
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    defer { process.terminate() }

    var text = ""
    while !text.contains("\n") {
      let data = output.fileHandleForReading.availableData
      try #require(!data.isEmpty, "it ended: \(text)")
      text += String(decoding: data, as: UTF8.self)
    }
    let line = String(text.prefix { $0 != "\n" })
    let address = String(try #require(line.firstMatch(of: /http:[^ ,]+/)).0)

    let health = try ProgramRun(["health", "--url", "\(address)/readyz", "--timeout", "60"])
    #expect(health.status == 0, "\(health.errors)")
    let play = try ProgramRun(["play", "cartpole", "--url", address, "--episodes", "2"])
    #expect(play.status == 0, "\(play.errors)")
    let lines = play.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.first == "episode 1: return 500.0, 500 steps, truncated")

    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    let gone = try ProgramRun(["health", "--url", "\(address)/readyz", "--timeout", "0.1"])
    #expect(gone.status == 1)
  }
}

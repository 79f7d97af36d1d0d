import Foundation

/// One run of the built program, as a user starts it in the repository's folder.
struct ProgramRun {
  let status: Int32
  let output: String
  let errors: String

  /// - Throws: Where the program cannot be started.
  init(_ arguments: [String], input: Data = Data()) throws {
    let process = Self.process(arguments)
    let (standardInput, output, errors) = (Pipe(), Pipe(), Pipe())
    process.standardInput = standardInput
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    standardInput.fileHandleForWriting.write(input)
    try standardInput.fileHandleForWriting.close()
    self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    self.errors = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    status = process.terminationStatus
  }

  /// The program before it is started; it lies beside the tests.
  static func process(_ arguments: [String]) -> Process {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let process = Process()
    process.executableURL = tests.deletingLastPathComponent().appendingPathComponent("martlet")
    process.arguments = arguments
    process.currentDirectoryURL = root
    return process
  }

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}

import Testing

/// House rules that a reader would otherwise have to watch.
@Suite struct TidyTests {
  static let lineCountMax = 500

  @Test func filesStayShort() throws {
    let sources = try SourceTree.files("Sources", extensions: ["swift", "c", "h", "inc"])
    let tests = try SourceTree.files("Tests", extensions: ["swift"])
    // Written by `RouteTests` from openapi.yaml.
    let generated: Set = ["Sources/Service/OpenAPIDocument.swift"]
    for (path, text) in sources + tests where !generated.contains(path) {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
      #expect(lines <= Self.lineCountMax, "\(path) has \(lines) lines")
    }
  }

  @Test func librariesDoNotTrapOnPurpose() throws {
    let banned = ["try!", " as! ", " print("]
    for (path, text) in try SourceTree.files("Sources", extensions: ["swift"])
    where !path.hasPrefix("Sources/martlet/") && !path.hasPrefix("Sources/CommandLineTool/") {
      for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      {
        guard !line.drop(while: { $0 == " " }).hasPrefix("//") else { continue }
        for word in banned {
          #expect(!line.contains(word), "\(path):\(number + 1) has \(word)")
        }
      }
    }
  }

  @Test func nothingIsLeftUnfinished() throws {
    let banned = ["TODO", "FIXME"]
    for (path, text) in try SourceTree.files("Sources", extensions: ["swift", "c", "h", "inc"]) {
      for word in banned { #expect(!text.contains(word), "\(path) has \(word)") }
      #expect(!path.hasSuffix("Placeholder.swift"))
    }
  }

  @Test func uncheckedSendableSaysWhatProtectsTheState() throws {
    for (path, text) in try SourceTree.files("Sources", extensions: ["swift"]) {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      for (number, line) in lines.enumerated() where line.contains("@unchecked Sendable") {
        let before = lines[max(0, number - 8)...number].joined(separator: "\n")
        #expect(
          before.contains("// ") || before.contains("/// "),
          "\(path):\(number + 1) explains nothing"
        )
      }
    }
  }
}

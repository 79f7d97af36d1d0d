import Testing

/// The arrows of the architecture go down only.
///
/// SwiftPM does not enforce it, so this test reads the `import` lines.
@Suite struct LayerTests {
  static let layers: [String: Int] = [
    "CKernels": 0, "CLinux": 0, "CZlib": 0, "Storage": 0, "Tensors": 0, "HTTP": 0, "Jobs": 0,
    "CommandLineTool": 0,
    "GraphIR": 1, "Datasets": 1, "ONNXFormat": 2, "Autodiff": 2, "NN": 2, "Engine": 3,
    "Training": 4,
    "Reinforcement": 5, "Zoo": 6, "Service": 6, "martlet": 7,
  ]

  /// What a target may import besides targets of lower layers.
  static let system: Set<String> = [
    "Glibc", "Musl", "Dispatch", "Synchronization", "FoundationEssentials", "Foundation",
  ]

  /// What layer 0 itself stands on: wrappers of system libraries, and files with their errors.
  static let foundations: Set<String> = ["CLinux", "CZlib", "Storage"]

  @Test func importsPointDown() throws {
    let files = try SourceTree.files("Sources", extensions: ["swift"])
    #expect(files.count > 50)
    for (path, text) in files {
      let target = String(path.split(separator: "/")[1])
      let layer = try #require(Self.layers[target], "\(target) is not in the layer table")
      for module in Self.imports(text) where !Self.system.contains(module) {
        let other = try #require(Self.layers[module], "\(path) imports \(module)")
        #expect(
          other < layer || Self.foundations.contains(module),
          "\(path) (layer \(layer)) imports \(module)"
        )
      }
    }
  }

  /// Foundations have nothing below them but the C library, so that no circle can form.
  @Test func storageImportsTheCLibraryOnly() throws {
    for (path, text) in try SourceTree.files("Sources/Storage", extensions: ["swift"]) {
      #expect(Set(Self.imports(text)).isSubset(of: ["Glibc"]), "\(path)")
    }
  }

  /// A static binary with full Foundation is four times as large.
  @Test func librariesDoNotImportFullFoundation() throws {
    for (path, text) in try SourceTree.files("Sources", extensions: ["swift"]) {
      #expect(!Self.imports(text).contains("Foundation"), "\(path) imports Foundation")
      #expect(!Self.imports(text).contains("FoundationNetworking"), "\(path)")
    }
  }

  /// The modules that a file imports, those behind `#if canImport(FoundationEssentials) ... #else` left out.
  static func imports(_ text: String) -> [String] {
    var result: [String] = []
    var isFallback = false
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.first == "#else" { isFallback = true }
      if words.first == "#endif" { isFallback = false }
      if !isFallback, let position = words.firstIndex(of: "import"), position + 1 < words.count,
        position == 0
          || ["package", "public", "internal", "@preconcurrency", "@testable"].contains(
            String(words[0])
          )
      {
        result.append(String(words[position + 1].split(separator: ".")[0]))
      }
    }
    return result
  }
}

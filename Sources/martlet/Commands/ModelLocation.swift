import CommandLineTool
import GraphIR
import ONNXFormat
import Storage

/// Finds the model that a command names: a version's folder, a model's folder (its latest version), an .onnx file, or a name in
/// `models/`.
enum ModelLocation {
  /// What `MODEL` may be, for the commands' help.
  static let help =
    "NAME in models/, a folder (models/NAME or models/NAME/VERSION), or an .onnx file"

  /// A model as a graph, with its manifest where it has one.
  struct Found {
    let path: String
    let graph: Graph
    /// `nil` for a bare .onnx file.
    let folder: ModelFolder?
  }

  /// - Throws: `UsageError` where nothing is there, the readers' errors where it is damaged.
  static func open(_ argument: String) throws -> Found {
    for candidate in [argument, "models/\(argument)"] {
      if candidate.hasSuffix(".onnx"), FileAccess.exists(candidate) {
        let bytes = try FileAccess.read(candidate, byteCountMax: ONNXLimits.fileByteCountMax)
        return Found(path: candidate, graph: try ONNXReader.graph(from: bytes), folder: nil)
      }
      if let path = versionFolder(candidate) {
        let folder = try ModelFolder.open(path)
        return Found(path: path, graph: try folder.graph(), folder: folder)
      }
    }
    throw UsageError("no model at '\(argument)' or 'models/\(argument)': expected \(help)")
  }

  /// The folder itself where it holds a graph, or its highest version.
  private static func versionFolder(_ path: String) -> String? {
    if FileAccess.exists("\(path)/\(ModelFolder.graphFile)") { return path }
    let versions = ((try? FileAccess.names(in: path)) ?? []).compactMap { Int($0) }.sorted()
    guard
      let latest = versions.last(where: {
        FileAccess.exists("\(path)/\($0)/\(ModelFolder.graphFile)")
      })
    else { return nil }
    return "\(path)/\(latest)"
  }
}

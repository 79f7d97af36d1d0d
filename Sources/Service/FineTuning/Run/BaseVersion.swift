import HTTP
import Engine
import GraphIR
import ONNXFormat
import Storage
import Tensors
import Training

/// A version of a model as a training sees it: its graph with variables for weights, and what model.json says.
struct BaseVersion {
  let name: String
  let number: Int
  /// nil for a bare .onnx file.
  let manifest: ModelManifest?
  let signature: ModelSignature
  /// SHA-256 of model.onnx, lower-case hexadecimal.
  let digest: String
  let model: FineTunableModel

  /// Reads a version's files.
  ///
  /// - Parameters:
  ///   - name: of its model.
  ///   - number: its version.
  ///   - path: its folder, or a single .onnx file.
  /// - Throws: `FormatError` for damaged files, `GraphError`, `FineTuningError` for a graph that training cannot start from.
  init(name: String, number: Int, path: String) throws {
    self.name = name
    self.number = number
    let bytes: [UInt8]
    if path.hasSuffix(".onnx") {
      manifest = nil
      bytes = try FileAccess.read(path, byteCountMax: ONNXLimits.fileByteCountMax)
    } else {
      let folder = try ModelFolder.open(path)
      // What was derived from the graph alone says nothing more than the graph.
      manifest =
        FileAccess.exists("\(path)/\(ModelFolder.manifestFile)") ? folder.manifest : nil
      bytes = try folder.graphBytes()
    }
    digest = SHA256.hexDigest(of: bytes)
    let graph = try ONNXReader.graph(from: bytes, initializersAs: .trainableVariables)
    signature = try CheckpointLoader().signature(of: graph, manifest)
    model = try FineTunableModel(graph, logits: manifest?.roles["logits"])
  }

  /// What this version was trained to do; nil where no model.json says so.
  var objective: FineTuningSpecification.Objective? {
    manifest.flatMap { FineTuningSpecification.Objective(rawValue: $0.task) }
  }

  /// What a training that says nothing else goes on with: a single output is a quantity, several are classes.
  var likelyObjective: FineTuningSpecification.Objective {
    objective ?? (model.classCount == 1 ? .regression : .classification)
  }

  /// Class names in the order of the outputs: those of model.json, else their numbers.
  var labels: [String] { manifest?.labels ?? (0..<model.classCount).map(String.init) }
}

extension ModelRepository {
  /// Where a version is.
  ///
  /// Waits for the disk: not for event loops.
  ///
  /// - Throws: `ServiceError` 404 for one that is not there.
  func path(of name: String, _ number: Int) throws -> String {
    try perform { [self] in
      guard let version = try look(at: name).versions.first(where: { $0.number == number }) else {
        throw ServiceError(.notFound, "model '\(name)' has no version \(number) any more")
      }
      return version.path
    }
  }

  /// Reads a version for a training.
  ///
  /// Waits for the disk: not for event loops.
  ///
  /// - Throws: `ServiceError` 404 for one that is not there; else as `BaseVersion.init`.
  func baseVersion(_ name: String, _ number: Int) throws -> BaseVersion {
    try BaseVersion(name: name, number: number, path: try path(of: name, number))
  }
}

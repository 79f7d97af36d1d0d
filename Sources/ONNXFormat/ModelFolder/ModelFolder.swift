package import GraphIR
package import Storage
package import Tensors

/// One version of a model on disk: `model.json`, graph files, vocabularies, `golden.npz`.
package struct ModelFolder: Sendable {
  package static let manifestFile = "model.json"
  package static let graphFile = "model.onnx"
  package static let goldenFile = "golden.npz"
  /// Bytes that the arrays of `golden.npz` may take.
  package static let goldenByteCountMax = 1 << 28

  package let path: String
  package let manifest: ModelManifest

  /// Inputs with the outputs that they gave when the model was made.
  package struct Golden: Sendable, Equatable {
    package var inputs: [NPZ.Entry]
    package var outputs: [NPZ.Entry]

    package init(inputs: [NPZ.Entry], outputs: [NPZ.Entry]) {
      self.inputs = inputs
      self.outputs = outputs
    }
  }

  /// Opens a folder: reads and checks its manifest, or derives one where there is only `model.onnx`.
  ///
  /// Graph files are compared with their digests when they are read.
  ///
  /// - Throws: `FormatError`; for a bare folder also what `ONNXReader` throws.
  package static func open(_ path: String) throws -> ModelFolder {
    let manifestPath = "\(path)/\(manifestFile)"
    if FileAccess.exists(manifestPath) {
      let bytes = try FileAccess.read(manifestPath, byteCountMax: ModelManifest.byteCountMax)
      return ModelFolder(path: path, manifest: try ModelManifest.read(bytes))
    }
    guard FileAccess.exists("\(path)/\(graphFile)") else {
      throw FormatError("model folder", "\(path) holds neither \(manifestFile) nor \(graphFile)")
    }
    return ModelFolder(path: path, manifest: try derivedManifest(path))
  }

  /// Task `tensor`, the graph's own signature, name and version from a path like `models/<name>/<version>`.
  private static func derivedManifest(_ path: String) throws -> ModelManifest {
    let bytes = try FileAccess.read(
      "\(path)/\(graphFile)",
      byteCountMax: ONNXLimits.fileByteCountMax
    )
    let graph = try ONNXReader.graph(from: bytes)
    let parts = path.split(separator: "/").filter { $0 != "." && $0 != ".." }.map(String.init)
    let version = parts.last.flatMap(Int.init).flatMap { $0 >= 1 ? $0 : nil }
    let name = (version == nil ? parts : parts.dropLast()).last ?? "model"
    var manifest = ModelManifest(
      name: ModelManifest.isValidName(name) ? name : "model",
      version: version ?? 1,
      task: "tensor",
      signature: ModelManifest.Signature(of: graph)
    )
    manifest.graphs["main"] = .init(file: graphFile, sha256: SHA256.hexDigest(of: bytes))
    try manifest.validate()
    return manifest
  }

  /// The bytes of a graph file, compared with the manifest's digest.
  ///
  /// - Throws: `FormatError` for a role that the manifest does not have, or a file that is not the one it describes
  ///   (naming both digests).
  package func graphBytes(_ role: String = "main") throws(FormatError) -> [UInt8] {
    guard let entry = manifest.graphs[role] else {
      let known = manifest.graphs.keys.sorted().joined(separator: ", ")
      throw FormatError("model folder", "\(path) has no graph '\(role)'; it has \(known)")
    }
    return try bytes(
      of: entry.file,
      sha256: entry.sha256,
      byteCountMax: ONNXLimits.fileByteCountMax
    )
  }

  /// The bytes of a file of the folder, compared with the digest that the manifest has for it.
  func bytes(
    of file: String,
    sha256: String,
    byteCountMax: Int
  ) throws(FormatError) -> [UInt8] {
    let bytes = try FileAccess.read("\(path)/\(file)", byteCountMax: byteCountMax)
    let digest = SHA256.hexDigest(of: bytes)
    guard digest == sha256 else {
      throw FormatError(
        "model folder",
        "\(path)/\(file) has sha256 \(digest), model.json says \(sha256)"
      )
    }
    return bytes
  }

  /// A graph of the model.
  package func graph(
    _ role: String = "main",
    initializersAs initializers: ONNXReader.InitializerRole = .constants
  ) throws -> Graph {
    try ONNXReader.graph(from: graphBytes(role), initializersAs: initializers)
  }

  /// The arrays of `golden.npz`, or `nil` where there is none.
  ///
  /// - Throws: `FormatError` for a damaged file or an array that is neither `input.<name>` nor `output.<name>`.
  package func golden() throws(FormatError) -> Golden? {
    let file = "\(path)/\(Self.goldenFile)"
    guard FileAccess.exists(file) else { return nil }
    let bytes = try FileAccess.read(file, byteCountMax: Self.goldenByteCountMax)
    var golden = Golden(inputs: [], outputs: [])
    for entry in try NPZ.read(bytes, byteCountMax: Self.goldenByteCountMax) {
      if entry.name.hasPrefix("input.") {
        golden.inputs.append(NPZ.Entry(String(entry.name.dropFirst(6)), entry.tensor))
      } else if entry.name.hasPrefix("output.") {
        golden.outputs.append(NPZ.Entry(String(entry.name.dropFirst(7)), entry.tensor))
      } else {
        throw FormatError(
          "model folder",
          "\(file): array '\(entry.name)' is neither input nor output"
        )
      }
    }
    return golden
  }
}

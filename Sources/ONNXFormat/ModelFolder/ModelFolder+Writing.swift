import Datasets
import Glibc
package import GraphIR
import Storage
import Tensors

extension ModelFolder {
  /// Writes a new version: seen whole or not at all, also after a crash at any step.
  ///
  /// Graphs are given by role, vocabularies as the bytes of their files, SVG pictures for readers by name without extension; `graphs` and
  /// `text` of the manifest are made here.
  /// Everything goes to a hidden folder beside `path` first, `model.json` last; then that folder gets its final name.
  ///
  /// - Throws: `FormatError` for a manifest that breaks a rule, a `path` that exists with files in it, or a full disk;
  ///   what `ONNXWriter` throws for a graph that is no ONNX.
  @discardableResult
  package static func write(
    to path: String,
    _ manifest: ModelManifest,
    graphs: [String: Graph],
    vocabularies: [ModelManifest.TextSide: [UInt8]] = [:],
    golden: Golden? = nil,
    pictures: [String: [UInt8]] = [:]
  ) throws -> ModelFolder {
    var files: [String: [UInt8]] = [:]
    for (role, graph) in graphs {
      files[role] = try ONNXWriter.bytes(of: graph, documentation: manifest.description ?? "")
    }
    return try write(
      to: path,
      manifest,
      graphBytes: files,
      vocabularies: vocabularies,
      golden: golden,
      pictures: pictures
    )
  }

  /// Writes a new version from the bytes of finished `.onnx` files, by role.
  @discardableResult
  package static func write(
    to path: String,
    _ manifest: ModelManifest,
    graphBytes: [String: [UInt8]],
    vocabularies: [ModelManifest.TextSide: [UInt8]] = [:],
    golden: Golden? = nil,
    pictures: [String: [UInt8]] = [:]
  ) throws -> ModelFolder {
    var manifest = manifest
    manifest.graphs = [:]
    for (role, bytes) in graphBytes {
      let file = role == "main" ? graphFile : "\(role).onnx"
      manifest.graphs[role] = .init(file: file, sha256: SHA256.hexDigest(of: bytes))
    }
    manifest.text = nil
    for (side, bytes) in vocabularies {
      guard bytes.count <= Vocabulary.fileByteCountMax else {
        throw FormatError(
          "model folder",
          "the \(side.rawValue) vocabulary has \(bytes.count) bytes; at most \(Vocabulary.fileByteCountMax)"
        )
      }
      var text = manifest.text ?? .init()
      text[side] = .init(file: vocabularyFile(side), sha256: SHA256.hexDigest(of: bytes))
      manifest.text = text
    }
    try manifest.validate()

    let parts = path.split(separator: "/", omittingEmptySubsequences: true)
    guard let last = parts.last, last != ".." else {
      throw FormatError("model folder", "'\(path)' does not name a version's folder")
    }
    let parent = (path.hasPrefix("/") ? "/" : "./") + parts.dropLast().joined(separator: "/")
    let target = "\(parent)/\(last)"
    let temporary = "\(parent)/.\(last).\(getpid()).\(UInt64.random(in: 0...UInt64.max))"
    try FileAccess.createFolder(temporary)
    do {
      for (role, bytes) in graphBytes {
        guard let file = manifest.graphs[role]?.file else { continue }
        try FileAccess.create("\(temporary)/\(file)", bytes)
      }
      for (side, bytes) in vocabularies {
        try FileAccess.create("\(temporary)/\(vocabularyFile(side))", bytes)
      }
      if let golden {
        let entries =
          golden.inputs.map { NPZ.Entry("input.\($0.name)", $0.tensor) }
          + golden.outputs.map { NPZ.Entry("output.\($0.name)", $0.tensor) }
        try FileAccess.create("\(temporary)/\(goldenFile)", try NPZ.write(entries))
      }
      for (name, bytes) in pictures {
        try FileAccess.create("\(temporary)/\(name).svg", bytes)
      }
      try FileAccess.create("\(temporary)/\(manifestFile)", try manifest.json())
      try FileAccess.syncFolder(temporary)
      try FileAccess.moveFolder(temporary, to: target)
    } catch {
      FileAccess.removeFlatFolder(temporary)
      throw error
    }
    try FileAccess.syncFolder(parent)
    return ModelFolder(path: path, manifest: manifest)
  }
}

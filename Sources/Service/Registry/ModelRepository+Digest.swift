import ONNXFormat
import Storage

extension ModelRepository {
  /// SHA-256 of a version's model.onnx, lower-case hexadecimal: from model.json where there is one.
  ///
  /// - Returns: nil where the file cannot be read.
  func digest(_ number: Int, of model: RepositoryScan.Model) -> String? {
    guard let files = model.versions.first(where: { $0.number == number }) else { return nil }
    if files.manifest != nil,
      let bytes = try? FileAccess.read(
        "\(files.path)/\(ModelFolder.manifestFile)",
        byteCountMax: ModelManifest.byteCountMax
      ),
      let manifest = try? ModelManifest.read(bytes), let main = manifest.graphs["main"]
    {
      return main.sha256
    }
    let isFile = files.path.hasSuffix(".onnx")
    let path = isFile ? files.path : "\(files.path)/\(ModelFolder.graphFile)"
    let bytes = try? FileAccess.read(path, byteCountMax: ONNXLimits.fileByteCountMax)
    return bytes.map(SHA256.hexDigest)
  }
}

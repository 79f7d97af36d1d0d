import ONNXFormat
import Storage

/// Where a recipe writes its model: a path that ends in `<name>/<version>`, as `models/lenet5/1`.
struct VersionPath {
  let path: String
  let name: String
  let version: Int
  private let parent: String

  /// - Throws: `FormatError` where the path does not end so.
  init(_ path: String) throws(FormatError) {
    let parts = path.split(separator: "/").map(String.init)
    guard parts.count >= 2, let version = Int(parts[parts.count - 1]), version > 0 else {
      throw FormatError(
        "model folder",
        "\(path) does not end in <name>/<version>, as models/mnist-mlp/1 does"
      )
    }
    self.path = path
    self.version = version
    name = parts[parts.count - 2]
    parent = (path.hasPrefix("/") ? "/" : "./") + parts.dropLast().joined(separator: "/")
  }

  /// Checks before a training what would fail after it.
  ///
  /// - Throws: `FormatError` where the path does not end in name and version, or the version exists.
  static func checkIsFree(_ path: String?) throws(FormatError) {
    guard let path else { return }
    _ = try VersionPath(path)
    guard !FileAccess.exists(path) else {
      throw FormatError("model folder", "\(path) is there already, and versions never change")
    }
  }

  /// Makes the folders above the version's.
  func createParents() throws(FormatError) { try FileAccess.createFolders(parent) }
}

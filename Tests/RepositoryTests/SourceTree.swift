import Foundation

/// The checkout that these tests belong to, read as text.
enum SourceTree {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Every file with one of the extensions below a folder of the checkout, as path from the root and text.
  static func files(_ folder: String, extensions: Set<String>) throws -> [(
    path: String, text: String
  )] {
    let start = root.appendingPathComponent(folder)
    guard let walker = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil)
    else { return [] }
    var result: [(String, String)] = []
    for case let url as URL in walker where extensions.contains(url.pathExtension) {
      let path = String(url.path.dropFirst(root.path.count + 1))
      result.append((path, try String(contentsOf: url, encoding: .utf8)))
    }
    return result.sorted { $0.0 < $1.0 }
  }
}

import Foundation

/// An empty folder that goes, with everything in it, when its owner does.
package final class TemporaryFolder: Sendable {
  /// Its absolute path.
  package let path: String

  /// Makes a folder that no other test has.
  package init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("martlet-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

import HTTP
import Storage

@testable import Service

/// A folder with the model `m`, versions 1 and up, and its aliases.
final class AliasFixture {
  let folder: TemporaryFolder
  let repository: ModelRepository
  let store: AliasStore
  var model: RegistrySnapshot.Model? { repository.snapshot.models.first { $0.name == "m" } }

  /// Writes contents of model.onnx, from version 1, each with a model.json, and loads them.
  init(
    _ versions: [String] = ["plain 1", "plain 2", "plain 3"],
    aliases: String? = nil,
    in folder: TemporaryFolder = TemporaryFolder(),
    files: any DurableFiles = SystemFiles(),
    loaded: Int = 4
  ) throws {
    self.folder = folder
    for (index, text) in versions.enumerated() {
      try folder.write("m/\(index + 1)/model.onnx", text)
      try folder.write("m/\(index + 1)/model.json", "{}")
    }
    if let aliases { try folder.write("m/aliases.json", aliases) }
    var limits = ServiceLimits()
    limits.pollSeconds = 0
    limits.loadedVersionsPerModel = loaded
    repository = ModelRepository(root: folder.path, loader: FakeLoader(), limits: limits)
    store = AliasStore(repository, files: files, time: { "now" })
    repository.refresh()
  }

  // Work that has ended may be held by its queue for a moment.
  deinit { store.close() }

  /// The alias in the snapshot.
  func alias(_ name: String = "stable") -> AliasDocument? { model?.alias(name)?.document }

  /// The alias in aliases.json.
  func fileAlias(_ name: String = "stable") throws -> AliasDocument? {
    try AliasFile.read("\(folder.path)/m").first { $0.name == name }
  }

  /// `action from>to r<revision>` of the whole log, the oldest first.
  func log() throws -> [String] {
    try store.audit(AuditPage.Query(limit: 100, order: .oldestFirst)).entries.map { item in
      let entry = item.entry
      let from = entry.from.map(String.init) ?? "-"
      let to = entry.to.map(String.init) ?? "-"
      return "\(entry.action) \(from)>\(to) r\(entry.revision)"
    }
  }
}

package import GraphIR
import HTTP
package import ONNXFormat
import Storage

/// Adds versions to the models folder while it is served.
///
/// A job first reserves a number, then publishes under it. Both may be said again after a crash: a job has one number
/// of a model, and one version.
///
/// Methods wait for the disk: call them on a background queue, never on an event loop.
package final class VersionPublisher: Sendable {
  private let repository: ModelRepository
  private let aliases: AliasStore
  private let files: any DurableFiles

  package convenience init(_ repository: ModelRepository, aliases: AliasStore) {
    self.init(repository, aliases: aliases, files: SystemFiles())
  }

  init(_ repository: ModelRepository, aliases: AliasStore, files: any DurableFiles) {
    self.repository = repository
    self.aliases = aliases
    self.files = files
  }

  // MARK: - Numbers

  /// The number under which a job will publish: one above every version and every other reservation.
  ///
  /// - Returns: The same number again where the job has one already, also where it has published under it.
  /// - Throws: `ServiceError` 404 for a model that is not there; `FormatError` where the disk fails.
  package func reserve(_ model: String, job: String) throws -> Int {
    try repository.perform { [self] in
      let found = try repository.look(at: model)
      let folder = try folder(of: model)
      if let number = try reservations(folder).first(where: { $0.job == job })?.number {
        return number
      }
      if let version = found.versions.first(where: { isPublished($0.path, by: job) }) {
        return version.number
      }
      // Another process may take the number at the same time: then its file is there first.
      for _ in 0..<Self.attemptsMax {
        let number = try VersionNumbers.highest(folder, file: "\(folder).onnx") + 1
        let path = "\(folder)/\(VersionNumbers.reservation(number))"
        do {
          try files.create(path, Array(job.utf8))
        } catch  where FileAccess.exists(path) { continue }
        try files.syncFolder(folder)
        return number
      }
      throw ServiceError(.conflict, "model '\(model)': no version number is free")
    }
  }

  /// Gives back the number of a job that publishes nothing; nothing happens where it has none.
  package func release(_ model: String, job: String) throws {
    try repository.perform { [self] in
      guard ModelName.isValid(model) else { return }
      let folder = "\(repository.root)/\(model)"
      guard Folder.isFolder(folder) else { return }
      for reservation in try reservations(folder) where reservation.job == job {
        try files.remove("\(folder)/\(VersionNumbers.reservation(reservation.number))")
      }
    }
  }

  /// Tries to find a free number while others take them.
  private static let attemptsMax = 100
  /// Bytes of the largest job id.
  private static let jobByteCountMax = 256

  private func reservations(_ folder: String) throws -> [(number: Int, job: String)] {
    try FileAccess.names(in: folder).compactMap { name in
      guard let number = VersionNumbers.reserved(name),
        let bytes = try? FileAccess.read("\(folder)/\(name)", byteCountMax: Self.jobByteCountMax)
      else { return nil }
      return (number, String(decoding: bytes, as: UTF8.self))
    }
  }

  /// The model's folder, made where the model is a single file so far.
  private func folder(of model: String) throws -> String {
    let folder = "\(repository.root)/\(model)"
    if !Folder.isFolder(folder) {
      try files.createFolder(folder)
      try files.syncFolder(repository.root)
    }
    return folder
  }

  // MARK: - Versions

  /// Writes a version and lets the repository look at it at once.
  ///
  /// It is seen whole or not at all. A model without the alias `stable` gets it first, at the version that serves now:
  /// the new version takes no traffic before it is promoted.
  ///
  /// The manifest has the name of the model, the reserved version and `lineage.job`; graphs are given by role, `main`
  /// where there is one. A version that is derived from another has that one's vocabularies: `ModelFolder.vocabularies()`.
  ///
  /// - Throws: `ServiceError` for a manifest without these, or 409 where the number is somebody else's; what
  ///   `ModelFolder.write` throws.
  package func publish(
    _ manifest: ModelManifest,
    graphs: [String: Graph],
    vocabularies: [ModelManifest.TextSide: [UInt8]] = [:],
    golden: ModelFolder.Golden? = nil
  ) throws {
    try publish(manifest) {
      try ModelFolder.write(
        to: $0,
        manifest,
        graphs: graphs,
        vocabularies: vocabularies,
        golden: golden
      )
    }
  }

  /// Writes a version of finished `.onnx` files, by role; else the same.
  package func publish(
    _ manifest: ModelManifest,
    graphBytes: [String: [UInt8]],
    vocabularies: [ModelManifest.TextSide: [UInt8]] = [:],
    golden: ModelFolder.Golden? = nil
  ) throws {
    try publish(manifest) {
      try ModelFolder.write(
        to: $0,
        manifest,
        graphBytes: graphBytes,
        vocabularies: vocabularies,
        golden: golden
      )
    }
  }

  private func publish(
    _ manifest: ModelManifest,
    _ write: (String) throws -> ModelFolder
  ) throws {
    let model = manifest.name
    guard ModelName.isValid(model), let job = manifest.lineage.job, !job.isEmpty else {
      throw ServiceError.invalid("a version is published with a model's name and lineage.job")
    }
    let number = manifest.version
    let folder = "\(repository.root)/\(model)"
    let path = "\(folder)/\(number)"
    let reserved = Folder.isFolder(folder) ? try reservations(folder) : []
    let isReserved = reserved.contains { $0.number == number && $0.job == job }
    guard isReserved || isPublished(path, by: job) else {
      throw ServiceError(
        .conflict,
        "version \(number) of model '\(model)' is not reserved for job \(job)"
      )
    }
    try aliases.pin(model, actor: "job \(job)")
    // The long part, beside everything else; the number is ours.
    if !isPublished(path, by: job) { _ = try write(path) }
    try repository.perform { [self] in
      try removeLeftovers(of: number, in: folder)
      try repository.serve(model)
    }
  }

  /// Whether the folder holds what that job has made.
  private func isPublished(_ path: String, by job: String) -> Bool {
    let file = "\(path)/\(ModelFolder.manifestFile)"
    guard FileAccess.exists(file), let folder = try? ModelFolder.open(path) else { return false }
    return folder.manifest.lineage.job == job
  }

  /// Removes the reservation, and what earlier attempts that crashed have left.
  private func removeLeftovers(of number: Int, in folder: String) throws {
    for name in try FileAccess.names(in: folder) where VersionNumbers.isWork(name, on: number) {
      let path = "\(folder)/\(name)"
      if Folder.isFolder(path) {
        FileAccess.removeFlatFolder(path)
      } else {
        try files.remove(path)
      }
    }
    try files.syncFolder(folder)
  }
}

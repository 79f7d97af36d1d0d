import HTTP
import Storage

/// What stands in the models folder at one moment.
///
/// A model is a folder `name/version/` with a `model.onnx`, or a single file `name.onnx`, which counts as version 1.
struct RepositoryScan: Sendable {
  /// A version's files.
  struct Version: Sendable, Equatable {
    let number: Int
    /// Path of the folder, or of the single file.
    let path: String
    let model: Folder.FileIdentity
    /// nil where there is no model.json.
    let manifest: Folder.FileIdentity?
  }

  /// A model's versions, the newest first.
  struct Model: Sendable {
    let name: String
    var versions: [Version]
    /// Labels from aliases.json.
    var aliases: [Alias] = []
    /// Why aliases.json was not read.
    var aliasProblem: String?
  }

  /// A name for a version.
  struct Alias: Sendable, Equatable {
    let name: String
    let version: Int
  }

  let models: [Model]
  /// What was left out and why.
  var problems: [String] = []

  /// Looks at a folder.
  ///
  /// - Throws: `ServiceError` where it cannot be read.
  init(root: String, limits: ServiceLimits) throws {
    guard let names = Folder.names(root) else {
      throw ServiceError(.serviceUnavailable, "cannot read the models folder \(root)")
    }
    var models: [Model] = []
    for entry in names {
      let path = "\(root)/\(entry)"
      let isFolder = Folder.isFolder(path)
      guard isFolder || entry.hasSuffix(".onnx") else { continue }
      let name = isFolder ? entry : String(entry.dropLast(5))
      guard ModelName.isValid(name), !models.contains(where: { $0.name == name }) else {
        problems.append("'\(entry)' is left out: not a valid model name, or there twice")
        continue
      }
      guard models.count < limits.models else {
        problems.append("only the first \(limits.models) models are served")
        break
      }
      if isFolder {
        models.append(Self.model(name, path, limits))
      } else if let model = Folder.identity(path) {
        let version = Version(number: 1, path: path, model: model, manifest: nil)
        models.append(Model(name: name, versions: [version]))
      }
    }
    self.models = models
  }

  private static func model(_ name: String, _ path: String, _ limits: ServiceLimits) -> Model {
    var versions: [Version] = []
    for entry in Folder.names(path) ?? [] {
      guard let number = ModelName.version(entry),
        let model = Folder.identity("\(path)/\(entry)/model.onnx")
      else { continue }
      versions.append(
        Version(
          number: number,
          path: "\(path)/\(entry)",
          model: model,
          manifest: Folder.identity("\(path)/\(entry)/model.json")
        )
      )
    }
    versions.sort { $0.number > $1.number }
    var result = Model(name: name, versions: Array(versions.prefix(limits.listedVersionsPerModel)))
    guard Folder.identity("\(path)/aliases.json") != nil else { return result }
    do {
      result.aliases = try aliases("\(path)/aliases.json")
    } catch {
      result.aliasProblem = "aliases.json: \(error)"
    }
    return result
  }

  /// Reads `{"stable": 3, "canary": 4}`.
  private static func aliases(_ path: String) throws -> [Alias] {
    let bytes = try FileAccess.read(path, byteCountMax: 1 << 16)
    let value: JSONValue
    do {
      value = try bytes.withUnsafeBytes { try JSONValueReader.read($0) }
    } catch let error as JSONError {
      throw ServiceError.invalid(bytes.withUnsafeBytes { error.message(in: $0) })
    }
    guard case .object(let members) = value else {
      throw ServiceError.invalid("expected an object of version numbers, found \(value.kind)")
    }
    return try members.map { member in
      guard ModelName.isValid(member.key), case .number(let number) = member.value,
        let version = Int(exactly: number), version > 0
      else {
        throw ServiceError.invalid("'\(member.key)' must be a valid name with a version number")
      }
      return Alias(name: member.key, version: version)
    }
  }
}

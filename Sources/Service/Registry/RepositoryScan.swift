import HTTP

/// What stands in the models folder at one moment.
///
/// A model is a folder `name/version/` with a `model.onnx`, or a single file `name.onnx`, which counts as version 1. Both
/// may be there: versions that are trained from `mnist-8.onnx` go to `mnist-8/2/`, `mnist-8/3/` and so on.
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
    var aliases: [AliasDocument] = []
    /// Why aliases.json was not read.
    var aliasProblem: String?
  }

  private static let fileSuffix = ".onnx"

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
      let isFolder = Folder.isFolder("\(root)/\(entry)")
      guard isFolder || entry.hasSuffix(Self.fileSuffix) else { continue }
      let name = isFolder ? entry : String(entry.dropLast(Self.fileSuffix.utf8.count))
      guard ModelName.isValid(name) else {
        problems.append("'\(entry)' is left out: not a valid model name")
        continue
      }
      // A folder and a file of that name are one model.
      guard !models.contains(where: { $0.name == name }) else { continue }
      guard models.count < limits.models else {
        problems.append("only the first \(limits.models) models are served")
        break
      }
      models.append(Self.model(name, root: root, limits, &problems))
    }
    self.models = models
  }

  /// The models by the size of their newest version: what loading one takes for a moment is less where little is loaded yet.
  var largestFirst: [Model] {
    func byteCount(_ model: Model) -> Int { model.versions.first?.model.byteCount ?? 0 }
    return models.sorted { (byteCount($1), $0.name) < (byteCount($0), $1.name) }
  }

  /// Looks at one model.
  static func model(_ name: String, root: String, _ limits: ServiceLimits) -> Model {
    var problems: [String] = []
    return model(name, root: root, limits, &problems)
  }

  private static func model(
    _ name: String,
    root: String,
    _ limits: ServiceLimits,
    _ problems: inout [String]
  ) -> Model {
    let path = "\(root)/\(name)"
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
    if let file = Folder.identity("\(path).onnx") {
      if versions.contains(where: { $0.number == 1 }) {
        problems.append("'\(name).onnx' is left out: it is version 1, and so is '\(name)/1'")
      } else {
        versions.append(Version(number: 1, path: "\(path).onnx", model: file, manifest: nil))
      }
    }
    versions.sort { $0.number > $1.number }
    var result = Model(name: name, versions: versions)
    do {
      result.aliases = try AliasFile.read(path)
    } catch {
      result.aliasProblem = "\(AliasFile.name): \(error)"
    }
    result.versions = kept(versions, result.aliases, limits)
    return result
  }

  /// The newest versions, and older ones that an alias names.
  private static func kept(
    _ versions: [Version],
    _ aliases: [AliasDocument],
    _ limits: ServiceLimits
  ) -> [Version] {
    guard versions.count > limits.listedVersionsPerModel else { return versions }
    let named = Set(aliases.flatMap(\.versions))
    return versions.enumerated().filter {
      $0.offset < limits.listedVersionsPerModel || named.contains($0.element.number)
    }.map(\.element)
  }
}

package import HTTP

/// All models and their versions at one moment.
package final class RegistrySnapshot: Sendable {
  /// How far a version is.
  package enum State: Sendable {
    case loading
    case available(ModelHost)
    /// Its files are damaged or do not fit; with the reason.
    case failed(String)
    /// There, but not in memory: newer ones are.
    case unloaded

    /// TensorFlow Serving's name for the state.
    package var name: StaticString {
      switch self {
      case .loading: "LOADING"
      case .available: "AVAILABLE"
      case .failed, .unloaded: "END"
      }
    }
  }

  /// A version of a model.
  package struct Version: Sendable {
    package let number: Int
    package let state: State
  }

  /// A model.
  package struct Model: Sendable {
    package let name: String
    /// The newest first.
    package let versions: [Version]
    let aliases: [RepositoryScan.Alias]
    /// Why aliases.json was not read, where it was not.
    package let aliasProblem: String?

    /// The newest version that can answer.
    package var latest: ModelHost? {
      for version in versions { if case .available(let host) = version.state { return host } }
      return nil
    }
  }

  /// Which version of a model a request means.
  package enum Selector {
    case latest
    case version(BorrowedBytes)
    case label(BorrowedBytes)
  }

  package let models: [Model]

  init(_ models: [Model]) { self.models = models }

  /// The model of that name.
  ///
  /// - Throws: `ServiceError` 404 that names those there are.
  package func model(_ name: BorrowedBytes) throws(ServiceError) -> Model {
    for model in models where name.equals(model.name) { return model }
    let known = models.isEmpty ? "there are no models" : "the models are \(modelNames)"
    throw ServiceError(
      .notFound,
      "Servable not found for request: Latest(\(Self.shown(name))); \(known)"
    )
  }

  private var modelNames: String {
    let names = models.prefix(10).map { "'\($0.name)'" }.joined(separator: ", ")
    return models.count > 10 ? names + ", ..." : names
  }

  /// What a client wrote, for an answer: bounded.
  private static func shown(_ bytes: BorrowedBytes) -> String {
    String(decoding: bytes.buffer.prefix(ModelName.byteCountMax), as: UTF8.self)
  }

  /// The version that a request means.
  ///
  /// - Throws: `ServiceError` 404 for a model, version or label that is not there, 503 for one that cannot
  ///   answer now, with the reason.
  package func host(
    _ name: BorrowedBytes,
    _ selector: Selector
  ) throws(ServiceError) -> ModelHost {
    let model = try model(name)
    guard let number = try versionNumber(of: model, selector) else {
      if let host = model.latest { return host }
      throw unavailable(model)
    }
    guard let version = model.versions.first(where: { $0.number == number }) else {
      throw missing(model, number)
    }
    switch version.state {
    case .available(let host): return host
    case .loading:
      throw ServiceError(
        .serviceUnavailable,
        "model '\(model.name)' version \(number) is loading",
        retryAfterSeconds: 1
      )
    case .failed(let reason):
      throw ServiceError(
        .serviceUnavailable,
        "model '\(model.name)' version \(number) could not be loaded: \(reason)"
      )
    case .unloaded:
      throw ServiceError(
        .notFound,
        "model '\(model.name)' version \(number) is not loaded: newer versions are; name it in aliases.json to keep it"
      )
    }
  }

  /// The version that a version or label selects, which must exist but need not be loaded.
  func number(_ name: BorrowedBytes, _ selector: Selector) throws(ServiceError) -> Int? {
    let model = try model(name)
    guard let number = try versionNumber(of: model, selector) else { return nil }
    guard model.versions.contains(where: { $0.number == number }) else {
      throw missing(model, number)
    }
    return number
  }

  private func missing(_ model: Model, _ number: Int) -> ServiceError {
    ServiceError(
      .notFound,
      "Servable not found for request: Specific(\(model.name), \(number)); versions are \(Self.list(model))"
    )
  }

  /// The version that the selector names; nil for the latest.
  private func versionNumber(
    of model: Model,
    _ selector: Selector
  ) throws(ServiceError) -> Int? {
    switch selector {
    case .latest: return nil
    case .version(let text):
      guard let number = text.decimal else {
        throw ServiceError.invalid("version '\(Self.shown(text))' is not a number")
      }
      return number
    case .label(let label):
      for alias in model.aliases where label.equals(alias.name) { return alias.version }
      let labels = model.aliases.map { "'\($0.name)'" }.joined(separator: ", ")
      throw ServiceError(
        .notFound,
        "Unrecognized servable version label: \(Self.shown(label)); model '\(model.name)' has \(labels.isEmpty ? "no labels" : labels)"
      )
    }
  }

  private static func list(_ model: Model) -> String {
    let numbers = model.versions.prefix(10).map { String($0.number) }.joined(separator: ", ")
    return numbers.isEmpty ? "none" : model.versions.count > 10 ? numbers + ", ..." : numbers
  }

  private func unavailable(_ model: Model) -> ServiceError {
    for version in model.versions {
      switch version.state {
      case .loading:
        return ServiceError(
          .serviceUnavailable,
          "model '\(model.name)' is loading",
          retryAfterSeconds: 1
        )
      case .failed(let reason):
        return ServiceError(
          .serviceUnavailable,
          "model '\(model.name)' version \(version.number) could not be loaded: \(reason)"
        )
      default: continue
      }
    }
    return ServiceError(.serviceUnavailable, "model '\(model.name)' has no version to serve")
  }
}

package import HTTP

/// All models and their versions at one moment.
///
/// A request that names neither a version nor an alias goes to the alias `stable` where the model has one, else to the
/// newest version: a model without aliases behaves as TensorFlow Serving's do, and one with `stable` changes what it
/// answers only when that alias is moved.
package final class RegistrySnapshot: Sendable {
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

  /// The version that a request means, or would but for a canary.
  ///
  /// - Throws: As `route`.
  package func host(
    _ name: BorrowedBytes,
    _ selector: Selector
  ) throws(ServiceError) -> ModelHost {
    try route(name, selector).host
  }

  /// Where a request goes.
  ///
  /// - Throws: `ServiceError` 404 for a model, version or label that is not there, 503 for one that cannot
  ///   answer now, with the reason.
  func route(_ name: BorrowedBytes, _ selector: Selector) throws(ServiceError) -> Route {
    let model = try model(name)
    switch selector {
    case .latest:
      if let route = model.defaultRoute { return route }
      guard let stable = model.stable else { throw unavailable(model) }
      throw unavailable(model, stable.document)
    case .label(let label):
      let alias = try alias(of: model, label)
      if let route = alias.route { return route }
      throw unavailable(model, alias.document)
    case .version(let text):
      return Route(host: try host(model, try Self.number(text)), canary: nil)
    }
  }

  private func host(_ model: Model, _ number: Int) throws(ServiceError) -> ModelHost {
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
        "model '\(model.name)' version \(number) is not loaded: newer versions are; give it an alias to keep it"
      )
    }
  }

  /// The version that a version or label selects, which must exist but need not be loaded.
  func number(_ name: BorrowedBytes, _ selector: Selector) throws(ServiceError) -> Int? {
    let model = try model(name)
    let number: Int
    switch selector {
    case .latest: return nil
    case .version(let text): number = try Self.number(text)
    case .label(let label): number = try alias(of: model, label).document.version
    }
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

  private static func number(_ text: BorrowedBytes) throws(ServiceError) -> Int {
    guard let number = text.decimal else {
      throw ServiceError.invalid("version '\(shown(text))' is not a number")
    }
    return number
  }

  private func alias(of model: Model, _ label: BorrowedBytes) throws(ServiceError) -> Alias {
    for alias in model.aliases where label.equals(alias.document.name) { return alias }
    let labels = model.aliases.map { "'\($0.document.name)'" }.joined(separator: ", ")
    throw ServiceError(
      .notFound,
      "Unrecognized servable version label: \(Self.shown(label)); model '\(model.name)' has \(labels.isEmpty ? "no labels" : labels)"
    )
  }

  private static func list(_ model: Model) -> String {
    let numbers = model.versions.prefix(10).map { String($0.number) }.joined(separator: ", ")
    return numbers.isEmpty ? "none" : model.versions.count > 10 ? numbers + ", ..." : numbers
  }

  /// Why the version of an alias does not answer.
  private func unavailable(_ model: Model, _ alias: AliasDocument) -> ServiceError {
    do throws(ServiceError) {
      _ = try host(model, alias.version)
    } catch {
      return ServiceError(
        error.status,
        "alias '\(alias.name)': \(error.message)",
        retryAfterSeconds: error.retryAfterSeconds
      )
    }
    return unavailable(model)
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

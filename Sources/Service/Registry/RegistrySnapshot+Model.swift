extension RegistrySnapshot {
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

    /// The version, where it can answer.
    var host: ModelHost? { if case .available(let host) = self { host } else { nil } }
  }

  /// A version of a model.
  package struct Version: Sendable {
    package let number: Int
    package let state: State
  }

  /// An alias and where its requests go.
  package struct Alias: Sendable {
    package let document: AliasDocument
    /// nil where its version cannot answer.
    let route: Route?
  }

  /// A model.
  package final class Model: Sendable {
    package let name: String
    /// The newest first.
    package let versions: [Version]
    package let aliases: [Alias]
    /// Why aliases.json was not read, where it was not.
    package let aliasProblem: String?
    /// The newest version that can answer.
    package let latest: ModelHost?
    /// The alias that answers requests which name neither a version nor an alias, where there is one.
    let stable: Alias?
    /// Where such requests go: `stable`, or the newest version of a model without that alias.
    let defaultRoute: Route?

    /// The version that such requests get, or would but for a canary.
    package var serving: ModelHost? { defaultRoute?.host }

    init(
      name: String,
      versions: [Version],
      aliases: [AliasDocument] = [],
      aliasProblem: String? = nil
    ) {
      func host(_ number: Int) -> ModelHost? {
        versions.first { $0.number == number }?.state.host
      }
      self.name = name
      self.versions = versions
      self.aliasProblem = aliasProblem
      self.aliases = aliases.map { alias in
        let canary = alias.canary.flatMap { canary in
          host(canary.version).map {
            Route.Canary($0, percent: canary.percent, model: name, alias: alias.name)
          }
        }
        return Alias(
          document: alias,
          route: host(alias.version).map { Route(host: $0, canary: canary) }
        )
      }
      latest = versions.lazy.compactMap(\.state.host).first
      stable = self.aliases.first { $0.document.name == AliasDocument.stable }
      defaultRoute =
        stable.map { $0.route } ?? latest.map { Route(host: $0, canary: nil) }
    }

    /// The alias of that name.
    package func alias(_ name: String) -> Alias? {
      aliases.first { $0.document.name.utf8.elementsEqual(name.utf8) }
    }
  }
}

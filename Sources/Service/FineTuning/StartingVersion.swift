import HTTP

/// The version that a request means by `name`, `name/<version>` or `name@<alias>`; it need not be loaded.
struct StartingVersion: Equatable {
  let model: String
  let number: Int

  /// Finds it among what is there.
  ///
  /// - Throws: `AdminError` 404 that names those there are, 400 for a version that is no number, 503 where a name alone means no
  ///   version that answers.
  init(_ text: String, in snapshot: RegistrySnapshot) throws(AdminError) {
    let separator = text.firstIndex { $0 == "/" || $0 == "@" } ?? text.endIndex
    let name = text[..<separator]
    guard let model = snapshot.models.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
      let known = Self.list(snapshot.models.map { "'\($0.name)'" })
      throw Self.missing("there is no model '\(name.prefix(64))'; the models are \(known)", "model")
    }
    let rest = text[separator...].dropFirst()
    self.model = model.name
    if separator == text.endIndex {
      number = try Self.serving(model, snapshot)
    } else if text[separator] == "/" {
      number = try Self.number(rest, of: model)
    } else {
      guard
        let alias = model.aliases.first(where: { $0.document.name.utf8.elementsEqual(rest.utf8) })
      else {
        let known = Self.list(model.aliases.map { "'\($0.document.name)'" })
        throw Self.missing(
          "model '\(model.name)' has no alias '\(rest.prefix(64))'; its aliases are \(known)",
          "alias"
        )
      }
      number = try Self.number("\(alias.document.version)", of: model)
    }
  }

  private static func number(
    _ text: Substring,
    of model: RegistrySnapshot.Model
  ) throws(AdminError) -> Int {
    guard let number = Int(text), number >= 1 else {
      throw .invalid("'\(text.prefix(64))' in 'model' is no version's number", parameter: "model")
    }
    guard model.versions.contains(where: { $0.number == number }) else {
      let known = list(model.versions.map { "\($0.number)" })
      throw missing(
        "model '\(model.name)' has no version \(number); its versions are \(known)",
        "version"
      )
    }
    return number
  }

  private static func serving(
    _ model: RegistrySnapshot.Model,
    _ snapshot: RegistrySnapshot
  ) throws(AdminError) -> Int {
    do {
      return try Array(model.name.utf8).withUnsafeBytes {
        try snapshot.host(BorrowedBytes($0), .latest).version
      }
    } catch {
      let problem = ServiceError(error)
      throw AdminError(
        problem.status,
        problem.message,
        code: "model_unavailable",
        parameter: "model",
        retryAfterSeconds: problem.retryAfterSeconds
      )
    }
  }

  private static func missing(_ message: String, _ what: String) -> AdminError {
    AdminError(.notFound, message, code: "\(what)_not_found", parameter: "model")
  }

  /// Names in a message.
  private static let listedMax = 10

  private static func list(_ names: [String]) -> String {
    guard !names.isEmpty else { return "none" }
    let shown = names.prefix(listedMax).joined(separator: ", ")
    return names.count > listedMax ? "\(shown), ..." : shown
  }
}

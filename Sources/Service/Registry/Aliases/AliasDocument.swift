import HTTP

/// What an alias of a model says: which version its requests go to.
package struct AliasDocument: Sendable, Equatable {
  /// A second version that gets a share of the requests.
  package struct Canary: Sendable, Equatable {
    package var version: Int
    /// Share of the requests, 0 to 100.
    package var percent: Double

    package init(version: Int, percent: Double) {
      self.version = version
      self.percent = percent
    }
  }

  package let name: String
  package var version: Int
  /// Where it pointed before: what a rollback goes back to.
  package var previous: Int?
  /// Counts the changes of the alias; 0 for one that was written by hand.
  ///
  /// Never used again, also not after the alias was deleted.
  package var revision: Int
  package var canary: Canary?

  package init(
    name: String,
    version: Int,
    previous: Int? = nil,
    revision: Int = 0,
    canary: Canary? = nil
  ) {
    self.name = name
    self.version = version
    self.previous = previous
    self.revision = revision
    self.canary = canary
  }

  /// The alias that answers requests which name neither a version nor an alias.
  package static let stable = "stable"
  /// Largest version and revision: JSON numbers are exact up to here.
  package static let numberMax = 1 << 53 - 1

  /// The versions that must be loaded for it.
  var versions: [Int] { canary.map { [version, $0.version] } ?? [version] }

  /// The value of `If-Match` that means this state of the alias.
  package var entityTag: String { "\"\(revision)\"" }

  /// Whether both send the same requests to the same versions.
  func routes(like other: AliasDocument?) -> Bool {
    version == other?.version && canary == other?.canary
  }

  // MARK: - JSON

  /// Reads the value of an alias: a version number, or an object with `version` and optionally `previous`, `revision`
  /// and `canary`.
  ///
  /// - Throws: `AdminError` naming the member.
  init(name: String, _ value: JSONValue) throws(AdminError) {
    guard ModelName.isValid(name) else {
      throw .invalid("'\(name)' must be a valid name with a version number")
    }
    if case .number(let number) = value {
      guard let version = Int(exactly: number), 1...Self.numberMax ~= version else {
        throw .invalid("'\(name)' must be a valid name with a version number")
      }
      self.init(name: name, version: version)
      return
    }
    var members = try JSONMembers(value, path: name)
    self.init(
      name: name,
      version: try members.required(
        "version",
        try members.integer("version", in: 1...Self.numberMax)
      ),
      previous: try members.integer("previous", in: 1...Self.numberMax),
      revision: try members.integer("revision", in: 0...Self.numberMax) ?? 0,
      canary: try Canary(in: &members)
    )
    try members.finish()
  }

  /// Writes the members as an object, with the name where `isNamed`.
  func append(to buffer: inout ByteBuffer, isNamed: Bool) {
    buffer.append(0x7B)
    if isNamed {
      buffer.append("\"name\":" as StaticString)
      buffer.append(jsonString: name)
      buffer.append(0x2C)
    }
    buffer.append("\"version\":" as StaticString)
    buffer.append(decimal: version)
    if let previous {
      buffer.append(",\"previous\":" as StaticString)
      buffer.append(decimal: previous)
    }
    buffer.append(",\"revision\":" as StaticString)
    buffer.append(decimal: revision)
    if let canary {
      buffer.append(",\"canary\":" as StaticString)
      canary.append(to: &buffer)
    }
    buffer.append(0x7D)
  }
}

extension AliasDocument.Canary {
  /// Reads `{"version": 4, "percent": 10}`.
  ///
  /// - Throws: `AdminError` naming the member.
  init(_ members: consuming JSONMembers) throws(AdminError) {
    version = try members.required(
      "version",
      try members.integer("version", in: 1...AliasDocument.numberMax)
    )
    percent = try members.required("percent", try members.number("percent", in: 0...100))
    try members.finish()
  }

  /// Takes the member `canary`; nil where it is missing or null.
  init?(in members: inout JSONMembers) throws(AdminError) {
    guard let inner = try members.object("canary") else { return nil }
    try self.init(inner)
  }

  /// Writes it as an object.
  func append(to buffer: inout ByteBuffer) {
    buffer.append("{\"version\":" as StaticString)
    buffer.append(decimal: version)
    buffer.append(",\"percent\":" as StaticString)
    if let whole = Int(exactly: percent) {
      buffer.append(decimal: whole)
    } else {
      buffer.append(jsonNumber: percent)
    }
    buffer.append(0x7D)
  }
}

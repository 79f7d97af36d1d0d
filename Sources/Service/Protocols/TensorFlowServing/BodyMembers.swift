import HTTP

/// Reads the members of a request's object: known ones are handled, others are skipped, none may come twice.
struct BodyMembers {
  /// What the object is called in messages.
  var object = "the body"
  /// Whether `signature_name` belongs to this object.
  var reservesSignatureName = true
  /// The keys so far: the first few where they cost no allocation, as most bodies have one or two.
  private var firstNames = InlineArray<4, String>(repeating: "")
  private var otherNames: [String] = []
  private var nameCount = 0

  /// What the object has instead of what was wanted, for messages.
  var namesText: String {
    if nameCount == 0 { return "; \(object) has no keys" }
    let names = firstNames.indices.prefix(nameCount).map { firstNames[$0] } + otherNames
    let list = names.prefix(8).map { "'\($0.prefix(64))'" }.joined(separator: ", ")
    return "; \(object) has \(list)"
  }

  init(object: String = "the body", reservesSignatureName: Bool = true) {
    self.object = object
    self.reservesSignatureName = reservesSignatureName
  }

  /// Reads an object that is the whole text.
  ///
  /// - Parameters:
  ///   - cursor: At the start of the text.
  ///   - handle: Reads the value of a member; answers false, having read nothing, where it does
  ///     not know it.
  /// - Throws: `JSONError`, and what `handle` throws.
  mutating func read(
    _ cursor: inout JSONCursor,
    _ handle: (String, inout JSONCursor) throws -> Bool
  ) throws {
    cursor.skipSpace()
    guard cursor.peek() == 0x7B else {
      throw cursor.error("\(object) must be a JSON object, found \(cursor.found)")
    }
    try readObject(&cursor, handle)
    cursor.skipSpace()
    guard cursor.isAtEnd else {
      throw cursor.error("expected the end after \(object), found \(cursor.found)")
    }
  }

  /// Reads an object and leaves what follows.
  mutating func readObject(
    _ cursor: inout JSONCursor,
    _ handle: (String, inout JSONCursor) throws -> Bool
  ) throws {
    try cursor.expect(0x7B, "at the start of \(object)")
    if cursor.take(0x7D) { return }
    repeat {
      cursor.skipSpace()
      let offset = cursor.offset
      let name = try cursor.string()
      try note(name, at: offset)
      try cursor.expect(0x3A, "after the key '\(name)'")
      if reservesSignatureName, name == "signature_name" {
        try checkSignature(&cursor)
      } else if try !handle(name, &cursor) {
        var reader = JSONValueReader()
        _ = try reader.value(&cursor)
      }
    } while cursor.take(0x2C)
    try cursor.expect(0x7D, "or ',' in \(object)")
  }

  private mutating func note(_ name: String, at offset: Int) throws(JSONError) {
    let isKnown =
      firstNames.indices.prefix(nameCount).contains {
        firstNames[$0].utf8.elementsEqual(name.utf8)
      } || otherNames.contains { $0.utf8.elementsEqual(name.utf8) }
    guard !isKnown else {
      throw JSONError(offset: offset, reason: "\(object) has the key '\(name)' twice")
    }
    guard nameCount < Self.namesMax else {
      throw JSONError(offset: offset, reason: "\(object) has more than \(Self.namesMax) keys")
    }
    if nameCount < firstNames.count {
      firstNames[nameCount] = name
    } else {
      otherNames.append(name)
    }
    nameCount += 1
  }

  /// Keys that one object may have.
  private static let namesMax = 256

  /// The one signature that every model has.
  static let signatureName = "serving_default"

  private func checkSignature(_ cursor: inout JSONCursor) throws {
    cursor.skipSpace()
    guard cursor.peek() == 0x22 else {
      throw cursor.error("'signature_name' must be a string, found \(cursor.found)")
    }
    let name = try cursor.string()
    guard name.isEmpty || name == Self.signatureName else {
      throw ServiceError.invalid(
        "signature '\(name.prefix(64))' not found: the model has '\(Self.signatureName)'"
      )
    }
  }
}

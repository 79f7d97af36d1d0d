import HTTP

/// The body of `POST /v1/models/{model}:feedback`: `{"id": "pred-...", "label": "9"}` or a list of these as `feedback`.
///
/// Strict: a misspelt key is an error.
struct FeedbackRequest: Equatable {
  /// What is true of one row, as the client says it.
  enum Truth: Equatable {
    /// The name of a class.
    case name(String)
    /// The position of a class of the version that predicted the row.
    case index(Int)
    case values([Float])
  }

  /// One row.
  struct Item: Equatable {
    /// As the client wrote it, which may be no id at all.
    let id: String
    let truth: Truth
    /// Where it stands in the body, for messages, such as `feedback[3].`.
    let path: String
  }

  let items: [Item]

  /// Reads a body.
  ///
  /// - Throws: `ServiceError` 400 for what is malformed, 413 for too many rows.
  init(_ body: UnsafeRawBufferPointer, limits: ServiceLimits) throws(ServiceError) {
    let value: JSONValue
    do {
      value = try JSONValueReader.read(body)
    } catch {
      throw .invalid("JSON parse error: \(error.message(in: body))")
    }
    do throws(AdminError) {
      items = try Self.items(value, limits)
    } catch {
      throw ServiceError(error.status, error.message)
    }
    var seen: Set<String> = []
    for item in items where !seen.insert(item.id).inserted {
      throw .invalid("'\(item.path)id': '\(item.id)' is there twice")
    }
  }

  private static func items(
    _ value: JSONValue,
    _ limits: ServiceLimits
  ) throws(AdminError) -> [Item] {
    guard value["feedback"] != nil else {
      return [try item(JSONMembers(value), "")]
    }
    var members = try JSONMembers(value)
    let list = members.take("feedback") ?? .null
    try members.finish()
    guard case .array(let elements) = list, !elements.isEmpty else {
      throw members.error("feedback", expected: "a list of at least one object", found: list)
    }
    guard elements.count <= limits.feedbackPerRequest else {
      throw AdminError(
        .contentTooLarge,
        "'feedback' has \(elements.count) rows; at most \(limits.feedbackPerRequest) are accepted",
        code: "too_many_rows"
      )
    }
    var items: [Item] = []
    for (index, element) in elements.enumerated() {
      let path = "feedback[\(index)]"
      items.append(try item(try JSONMembers(element, path: path), "\(path)."))
    }
    return items
  }

  private static func item(_ given: JSONMembers, _ path: String) throws(AdminError) -> Item {
    var members = given
    guard let id = try members.string("id", byteCountMax: idBytesMax) else {
      throw .invalid("'\(path)id' is missing: send the id that the prediction came with")
    }
    let label = members.take("label")
    let target = members.take("target")
    try members.finish()
    switch (label, target) {
    case (let label?, nil):
      return Item(id: id, truth: try Self.label(label, members), path: path)
    case (nil, let target?):
      return Item(id: id, truth: .values(try values(target, members)), path: path)
    case (nil, nil):
      throw .invalid("'\(path)label' is missing: send it, or 'target' for a model of values")
    default:
      throw .invalid("'\(path)label' and '\(path)target' are both there: send one")
    }
  }

  /// Bytes of an id that is looked at.
  private static let idBytesMax = 128

  private static func label(
    _ value: JSONValue,
    _ members: JSONMembers
  ) throws(AdminError) -> Truth {
    switch value {
    case .string(let name):
      if let fault = LabelTable.fault(ofName: name, ExampleLimits()) {
        throw .invalid("'\(members.name("label"))': \(fault)")
      }
      return .name(name)
    case .number(let number):
      if let index = Int(exactly: number) { return .index(index) }
      fallthrough
    default:
      throw members.error("label", expected: "a name or the index of a class", found: value)
    }
  }

  private static func values(
    _ value: JSONValue,
    _ members: JSONMembers
  ) throws(AdminError) -> [Float] {
    let elements: [JSONValue] = if case .array(let list) = value { list } else { [value] }
    var values: [Float] = []
    for element in elements {
      guard case .number(let number) = element, Float(number).isFinite else {
        throw members.error("target", expected: "a finite number or a list of them", found: element)
      }
      values.append(Float(number))
    }
    return values
  }

  // MARK: - Asking for ids

  /// Whether a prediction whose body has no place for `return_ids` asks for ids: `X-Martlet-Return-Ids: true`.
  ///
  /// - Throws: `ServiceError` 400 for another word than `true` and `false`.
  static func wantsIDs(_ request: Request) throws(ServiceError) -> Bool {
    guard let value = request.headers["x-martlet-return-ids"] else { return false }
    if value.equalsIgnoringCase("true") { return true }
    guard value.equalsIgnoringCase("false") else {
      throw .invalid("X-Martlet-Return-Ids must be true or false")
    }
    return false
  }
}

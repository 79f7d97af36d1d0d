import HTTP
import Tensors

/// Reads the JSON body of `:qvalues`:
/// `{"instances": [observation, ...], "parameters": {"epsilon": 0.1 or "temperature": 1, "seed": 1}}`.
struct QValueBody {
  let collector: RowCollector
  let observations: ObservationReader

  /// Largest seed: a JSON number is exact up to here.
  static let seedMax = 1 << 53 - 1

  /// Reads the body into `request`.
  ///
  /// - Returns: How actions are drawn; nil for the greedy ones.
  /// - Throws: `ServiceError` that says where the text, a name or a value is wrong.
  func read(
    _ body: UnsafeRawBufferPointer,
    into request: PendingPrediction
  ) throws -> ActionDraw? {
    do {
      let draw = try readMembers(body, request)
      try collector.finish(request)
      return draw
    } catch let error as JSONError {
      throw ServiceError.invalid("JSON parse error: \(error.message(in: body))")
    }
  }

  private func readMembers(
    _ body: UnsafeRawBufferPointer,
    _ request: PendingPrediction
  ) throws -> ActionDraw? {
    var cursor = JSONCursor(body)
    var members = BodyMembers(reservesSignatureName: false)
    var hasInstances = false
    var parameters: JSONValue?
    try members.read(&cursor) { name, cursor in
      switch name {
      case "instances":
        try readInstances(&cursor, request)
        hasInstances = true
      case "parameters":
        var reader = JSONValueReader()
        parameters = try reader.value(&cursor)
      default:
        throw cursor.error(
          "'\(name.prefix(64))' is not known here; known are instances, parameters"
        )
      }
      return true
    }
    guard hasInstances else {
      throw ServiceError.invalid(
        "'instances' is missing\(members.namesText); send {\"instances\": [observation, ...]}, each \(observations.expected)"
      )
    }
    return try parameters.flatMap { value throws(ServiceError) in try Self.draw(value) }
  }

  // MARK: - Instances

  private func readInstances(
    _ cursor: inout JSONCursor,
    _ request: PendingPrediction
  ) throws {
    cursor.skipSpace()
    let start = cursor
    guard cursor.take(0x5B) else {
      throw cursor.error("'instances' must be a list, found \(cursor.found)")
    }
    cursor.skipSpace()
    guard cursor.peek() != 0x5D else {
      throw cursor.error("'instances' is empty: send at least one")
    }
    let isObject = cursor.peek() == 0x7B
    if !isObject, readAtOnce(start, &cursor, request) { return }
    // Something is wrong, or observations are objects: one by one, to say which and why.
    request.inputs[0].reset()
    cursor = start
    try readOneByOne(&cursor, request)
  }

  /// Reads arrays of numbers as one tensor, which nearly all requests are; false where they do not fit the model.
  private func readAtOnce(
    _ start: JSONCursor,
    _ cursor: inout JSONCursor,
    _ request: PendingPrediction
  ) -> Bool {
    let staging = request.inputs[0]
    var ahead = start
    guard
      let shape = try? JSONTensorReader(name: "instances").read(&ahead, into: staging),
      shape.rank == observations.format.sizes.count + 1
    else { return false }
    for (index, size) in observations.format.sizes.enumerated() where shape[index + 1] != size {
      return false
    }
    guard observations.notFinite(staging) == nil else { return false }
    staging.shape = shape
    cursor = ahead
    return true
  }

  private func readOneByOne(
    _ cursor: inout JSONCursor,
    _ request: PendingPrediction
  ) throws {
    try cursor.expect(0x5B, "at the start of 'instances'")
    let staging = request.inputs[0]
    var rows = 0
    repeat {
      guard rows < collector.rowsPerRequest else {
        throw ServiceError(
          .contentTooLarge,
          "'instances' has more than \(collector.rowsPerRequest) rows, which is the limit"
        )
      }
      try observations.read("instances[\(rows)]", &cursor, into: staging)
      rows += 1
    } while cursor.take(0x2C)
    try cursor.expect(0x5D, "or ',' after instances[\(rows - 1)]")
    staging.shape = StagedShape([rows] + observations.format.sizes)
  }

  // MARK: - Parameters

  /// How actions are drawn; nil for the greedy ones.
  private static func draw(_ value: JSONValue) throws(ServiceError) -> ActionDraw? {
    do throws(AdminError) {
      var members = try JSONMembers(value, path: "parameters")
      let epsilon = try members.number("epsilon", in: 0...1)
      let temperature = members.take("temperature")
      let seed = try members.integer("seed", in: 0...seedMax)
      try members.finish()
      let rule: ActionDraw.Rule
      switch (epsilon, temperature) {
      case (nil, nil): return nil
      case (let epsilon?, nil): rule = .epsilonGreedy(epsilon)
      case (nil, let value?):
        guard case .number(let number) = value, number.isFinite, number > 0 else {
          throw members.error("temperature", expected: "a finite number above 0", found: value)
        }
        rule = .softmax(temperature: number)
      default:
        throw .invalid(
          "'parameters.epsilon' and 'parameters.temperature' are both there: send one",
          parameter: "parameters.temperature"
        )
      }
      return ActionDraw(rule, seed: UInt64(seed ?? Int.random(in: 0...seedMax)))
    } catch {
      throw .invalid(error.message)
    }
  }
}

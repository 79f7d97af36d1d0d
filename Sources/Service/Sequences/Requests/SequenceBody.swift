import HTTP
import ONNXFormat
import Tensors

/// Reads the JSON body of `:sequence` and `:caption`:
/// `{"instances": [...], "parameters": {...}, "stream": false, "resume_seconds": 0}`.
///
/// An instance is a string, a list of numbers, or an image: `{"b64": "..."}` or nested lists of pixels.
struct SequenceBody {
  let task: SequenceTask
  let parameterReader: SequenceParameterReader
  let limits: ServiceLimits

  /// The members that there are.
  private static let known = ["instances", "parameters", "stream", "resume_seconds"]

  /// Reads the body.
  ///
  /// - Throws: `ServiceError` that says where the text, a name or a value is wrong.
  func read(_ body: UnsafeRawBufferPointer) throws -> SequenceRequest {
    do {
      return try readMembers(body)
    } catch let error as JSONError {
      throw ServiceError.invalid("JSON parse error: \(error.message(in: body))")
    }
  }

  private func readMembers(_ body: UnsafeRawBufferPointer) throws -> SequenceRequest {
    var cursor = JSONCursor(body)
    var members = BodyMembers(reservesSignatureName: false)
    var instances: [SequenceInstance]?
    var parameters: JSONValue?
    var options: [JSONValue.Member] = []
    try members.read(&cursor) { name, cursor in
      switch name {
      case "instances": instances = try readInstances(&cursor)
      case "parameters":
        var reader = JSONValueReader()
        parameters = try reader.value(&cursor)
      case "stream", "resume_seconds":
        var reader = JSONValueReader()
        options.append(.init(name, try reader.value(&cursor)))
      default:
        throw cursor.error(
          "'\(name.prefix(64))' is not known here; known are \(Self.known.joined(separator: ", "))"
        )
      }
      return true
    }
    guard let instances else {
      throw ServiceError.invalid(
        "'instances' is missing\(members.namesText); send {\"instances\": [\(task.source.example)]}"
      )
    }
    var request = SequenceRequest(
      instances: instances,
      parameters: try parameterReader.read(parameters)
    )
    try readOptions(options, &request)
    return request
  }

  private func readOptions(
    _ options: [JSONValue.Member],
    _ request: inout SequenceRequest
  ) throws(ServiceError) {
    do throws(AdminError) {
      var members = try JSONMembers(.object(options))
      request.isStream = try members.flag("stream") ?? false
      request.resumeSeconds =
        try members.integer("resume_seconds", in: 0...limits.streamResumeSeconds) ?? 0
    } catch {
      throw .invalid(error.message)
    }
    guard !request.isStream || request.instances.count == 1 else {
      throw .invalid("'stream' takes one instance, found \(request.instances.count)")
    }
    guard request.isStream || request.resumeSeconds == 0 else {
      throw .invalid("'resume_seconds' is for a stream: send \"stream\": true with it")
    }
  }

  // MARK: - Instances

  private func readInstances(_ cursor: inout JSONCursor) throws -> [SequenceInstance] {
    cursor.skipSpace()
    guard cursor.take(0x5B) else {
      throw cursor.error("'instances' must be a list, found \(cursor.found)")
    }
    guard !cursor.take(0x5D) else {
      throw cursor.error("'instances' is empty: send at least one")
    }
    var instances: [SequenceInstance] = []
    repeat {
      guard instances.count < limits.sequencesPerRequest else {
        throw ServiceError(
          .contentTooLarge,
          "'instances' has more than \(limits.sequencesPerRequest) elements, which is the limit"
        )
      }
      cursor.skipSpace()
      instances.append(try readInstance("instances[\(instances.count)]", &cursor))
    } while cursor.take(0x2C)
    try cursor.expect(0x5D, "or ',' after instances[\(instances.count - 1)]")
    return instances
  }

  private func readInstance(
    _ name: String,
    _ cursor: inout JSONCursor
  ) throws -> SequenceInstance {
    let start = cursor
    switch (task.source, cursor.peek()) {
    case (.text, 0x22):
      return try Self.text(try cursor.string(), called: name, limits)
    case (.series, 0x5B):
      let instance = try readNumbers(name, &cursor)
      guard case .numbers(_, let shape) = instance, shape.count == 1 else {
        throw start.error("\(name) must be one list of numbers, without lists in it")
      }
      return instance
    case (.image, 0x5B): return try readNumbers(name, &cursor)
    case (.image, 0x7B):
      if let bytes = try cursor.binaryObject() { return .image(bytes) }
    default: break
    }
    throw start.error(
      "\(name) must be \(task.source.description), as the model's task is \(task.rawValue), found \(start.found)"
    )
  }

  private func readNumbers(
    _ name: String,
    _ cursor: inout JSONCursor
  ) throws -> SequenceInstance {
    let start = cursor
    let staging = TensorStaging(.float32)
    let shape = try JSONTensorReader(name: name).read(&cursor, into: staging)
    let values = Array(staging.bytes.bindMemory(to: Float.self))
    guard !values.isEmpty else { throw start.error("\(name) is empty") }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw start.error(
        "\(name) holds \(values[index]) at position \(index): numbers must be finite"
      )
    }
    return .numbers(values, shape: shape.dimensions)
  }

  /// Checks a text of any protocol.
  ///
  /// - Throws: `ServiceError` 400 for one that is empty or over the limit of bytes.
  static func text(
    _ text: String,
    called name: String,
    _ limits: ServiceLimits
  ) throws(ServiceError) -> SequenceInstance {
    guard !text.isEmpty else { throw .invalid("\(name) is empty: send at least one character") }
    let count = text.utf8.count
    guard count <= limits.promptBytes else {
      throw .invalid("\(name) has \(count) bytes, at most \(limits.promptBytes) are accepted")
    }
    return .text(text)
  }
}

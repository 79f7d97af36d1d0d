/// Reads the body of V2 `generate` and `generate_stream`, as Triton defines them:
/// `{"id": "...", "text_input": "...", "parameters": {...}}`.
struct GenerateBody {
  let parameterReader: SequenceParameterReader
  let limits: ServiceLimits

  /// Bytes of a request's id.
  static let idBytesMax = 256

  /// What was read.
  struct Content {
    /// Comes back in the answer; nil where the client gave none.
    let id: String?
    let request: SequenceRequest
  }

  /// Reads the body.
  ///
  /// - Parameters:
  ///   - body: The JSON text.
  ///   - isStream: Whether the route streams; a `stream` among the parameters must say the same.
  /// - Returns: The request, and the id that comes back with its answer.
  /// - Throws: `ServiceError` that says which member is wrong.
  func read(
    _ body: UnsafeRawBufferPointer,
    isStream: Bool
  ) throws(ServiceError) -> Content {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValueReader.read(body)
    } catch {
      throw .invalid("JSON parse error: \(error.message(in: body))")
    }
    do throws(AdminError) {
      var members = try JSONMembers(value)
      let id = try members.string("id", byteCountMax: Self.idBytesMax)
      let text = try members.required(
        "text_input",
        try members.string("text_input", byteCountMax: limits.promptBytes)
      )
      let parameters = try Self.withoutStream(members.take("parameters"), isStream)
      try members.finish()
      return Content(id: id, request: try request(text, parameters, isStream))
    } catch {
      throw ServiceError(error.status, error.message)
    }
  }

  private func request(
    _ text: String,
    _ parameters: JSONValue?,
    _ isStream: Bool
  ) throws(AdminError) -> SequenceRequest {
    do throws(ServiceError) {
      var request = SequenceRequest(
        instances: [try SequenceBody.text(text, called: "'text_input'", limits)],
        parameters: try parameterReader.read(parameters)
      )
      request.isStream = isStream
      request.instanceName = { _ in "'text_input'" }
      return request
    } catch {
      throw .invalid(error.message)
    }
  }

  /// Takes `stream` out of the parameters, where clients of vLLM's backend put it.
  private static func withoutStream(
    _ parameters: JSONValue?,
    _ isStream: Bool
  ) throws(AdminError) -> JSONValue? {
    guard case .object(var members) = parameters,
      let index = members.firstIndex(where: { $0.key.utf8.elementsEqual("stream".utf8) })
    else { return parameters }
    let value = members.remove(at: index).value
    // Triton refuses a stream where there can be only one answer; one that is none may be short.
    guard let flag = value.flag, isStream || !flag else {
      throw .invalid(
        "'parameters.stream' must be false here: POST to generate_stream for a stream",
        parameter: "parameters.stream"
      )
    }
    return .object(members)
  }
}

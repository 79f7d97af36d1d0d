import HTTP

/// Writes what happens to an answer as server-sent events.
protocol StreamFormat: Sendable {
  /// The event of a piece.
  func event(_ piece: SequencePiece, number: Int) -> [UInt8]

  /// The last event of a complete answer; nil for none.
  func done(_ reply: InstanceReply, number: Int) -> [UInt8]?

  /// The last event of an answer that is none.
  func failure(_ error: ServiceError, code: StreamFailure, number: Int) -> [UInt8]
}

/// Why a stream ends without an answer: a stable word for programs.
enum StreamFailure: String {
  /// The reader went away and did not come back in time.
  case cancelled
  /// The time that the client allowed is over.
  case deadline = "deadline_exceeded"
  /// The reader was so slow that the next events are no longer kept.
  case overrun
  /// The model could not answer.
  case failed

  init(_ error: ServiceError) { self = error.status == .gatewayTimeout ? .deadline : .failed }
}

/// `token`, `value`, `done` and `error` events with ids `STREAM-NUMBER`.
struct NativeStreamFormat: StreamFormat {
  let stream: String
  let writer: PredictionsWriter

  func event(_ piece: SequencePiece, number: Int) -> [UInt8] {
    switch piece {
    case .token(let token, let text, let logProbability):
      return event("token", number) { buffer in
        buffer.append("{\"text\":" as StaticString)
        buffer.append(jsonString: text)
        buffer.append(",\"token\":" as StaticString)
        buffer.append(jsonString: token)
        buffer.append(",\"log_probability\":" as StaticString)
        buffer.append(jsonNumber: logProbability)
        buffer.append(0x7D)
      }
    case .value(let value):
      return event("value", number) { buffer in
        buffer.append("{\"forecast\":" as StaticString)
        buffer.append(jsonNumber: value.value)
        if let lower = value.lower, let upper = value.upper {
          buffer.append(",\"lower\":" as StaticString)
          buffer.append(jsonNumber: lower)
          buffer.append(",\"upper\":" as StaticString)
          buffer.append(jsonNumber: upper)
        }
        buffer.append(0x7D)
      }
    }
  }

  func done(_ reply: InstanceReply, number: Int) -> [UInt8]? {
    event("done", number) { buffer in
      buffer.append(0x7B)
      writer.appendMembers(of: reply, to: &buffer)
      buffer.append(",\"usage\":{\"source_tokens\":" as StaticString)
      buffer.append(decimal: reply.sequence.count)
      buffer.append(",\"tokens\":" as StaticString)
      buffer.append(decimal: reply.count)
      buffer.append("}}" as StaticString)
    }
  }

  func failure(_ error: ServiceError, code: StreamFailure, number: Int) -> [UInt8] {
    event("error", number) { buffer in
      buffer.append("{\"error\":" as StaticString)
      buffer.append(jsonString: error.message)
      buffer.append(",\"code\":\"" as StaticString)
      buffer.append(code.rawValue)
      buffer.append("\"}" as StaticString)
    }
  }

  private func event(
    _ name: String,
    _ number: Int,
    _ write: (inout ByteBuffer) -> Void
  ) -> [UInt8] {
    var buffer = ByteBuffer()
    write(&buffer)
    let data = String(decoding: buffer.readable, as: UTF8.self)
    return ServerSentEvent(id: StreamID.event(number, of: stream), event: name, data: data).bytes
  }
}

/// V2's `generate_stream`: nothing but `data` lines, each an answer of `generate` with the text that came since.
struct GenerateStreamFormat: StreamFormat {
  let writer: GenerateWriter

  func event(_ piece: SequencePiece, number: Int) -> [UInt8] {
    guard case .token(_, let text, _) = piece else { return [] }
    return Self.event { writer.append(text: text, to: &$0) }
  }

  func done(_ reply: InstanceReply, number: Int) -> [UInt8]? {
    // Beam search knows its text only at the end.
    guard number == 1, case .texts(let texts) = reply.answer, let text = texts.first else {
      return nil
    }
    return Self.event { writer.append(text: text.text, to: &$0) }
  }

  func failure(_ error: ServiceError, code: StreamFailure, number: Int) -> [UInt8] {
    Self.event { buffer in
      buffer.append("{\"error\":" as StaticString)
      buffer.append(jsonString: error.message)
      buffer.append(0x7D)
    }
  }

  private static func event(_ write: (inout ByteBuffer) -> Void) -> [UInt8] {
    var buffer = ByteBuffer()
    write(&buffer)
    return ServerSentEvent(data: String(decoding: buffer.readable, as: UTF8.self)).bytes
  }
}

import HTTP

/// Writes what happens to an answer as server-sent events.
protocol StreamFormat: Sendable {
  /// Appends the event of a piece; nothing for a piece that is no event.
  func append(_ piece: SequencePiece, number: Int, to buffer: inout ByteBuffer)

  /// Appends the last event of a complete answer; nothing for none.
  func append(_ reply: InstanceReply, number: Int, to buffer: inout ByteBuffer)

  /// Appends the last event of an answer that is none.
  func append(
    _ error: ServiceError,
    code: StreamFailure,
    number: Int,
    to buffer: inout ByteBuffer
  )
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
  /// What every event begins with, up to its number.
  private let start: [UInt8]
  private let writer: PredictionsWriter

  init(stream: String, writer: PredictionsWriter) {
    start = Array("id: \(StreamID.eventStart(stream))".utf8)
    self.writer = writer
  }

  func append(_ piece: SequencePiece, number: Int, to buffer: inout ByteBuffer) {
    switch piece {
    case .token(let token, let text, let logProbability):
      begin("token", number, &buffer)
      buffer.append("{\"text\":" as StaticString)
      buffer.append(jsonString: text)
      buffer.append(",\"token\":" as StaticString)
      buffer.append(jsonString: token)
      buffer.append(",\"log_probability\":" as StaticString)
      buffer.append(jsonNumber: logProbability)
    case .value(let value):
      begin("value", number, &buffer)
      buffer.append("{\"forecast\":" as StaticString)
      buffer.append(jsonNumber: value.value)
      if let lower = value.lower, let upper = value.upper {
        buffer.append(",\"lower\":" as StaticString)
        buffer.append(jsonNumber: lower)
        buffer.append(",\"upper\":" as StaticString)
        buffer.append(jsonNumber: upper)
      }
    }
    buffer.append("}\n\n" as StaticString)
  }

  func append(_ reply: InstanceReply, number: Int, to buffer: inout ByteBuffer) {
    begin("done", number, &buffer)
    buffer.append(0x7B)
    writer.appendMembers(of: reply, to: &buffer)
    buffer.append(",\"usage\":{\"source_tokens\":" as StaticString)
    buffer.append(decimal: reply.sequence.count)
    buffer.append(",\"tokens\":" as StaticString)
    buffer.append(decimal: reply.count)
    buffer.append("}}\n\n" as StaticString)
  }

  func append(
    _ error: ServiceError,
    code: StreamFailure,
    number: Int,
    to buffer: inout ByteBuffer
  ) {
    begin("error", number, &buffer)
    buffer.append("{\"error\":" as StaticString)
    buffer.append(jsonString: error.message)
    buffer.append(",\"code\":\"" as StaticString)
    buffer.append(code.rawValue)
    buffer.append("\"}\n\n" as StaticString)
  }

  /// The lines before the data, which is one line: JSON escapes line breaks.
  private func begin(_ name: StaticString, _ number: Int, _ buffer: inout ByteBuffer) {
    buffer.append(start)
    buffer.append(decimal: number)
    buffer.append("\nevent: " as StaticString)
    buffer.append(name)
    buffer.append("\ndata: " as StaticString)
  }
}

/// V2's `generate_stream`: nothing but `data` lines, each an answer of `generate` with the text that came since.
struct GenerateStreamFormat: StreamFormat {
  let writer: GenerateWriter

  func append(_ piece: SequencePiece, number: Int, to buffer: inout ByteBuffer) {
    guard case .token(_, let text, _) = piece else { return }
    append(text: text, to: &buffer)
  }

  func append(_ reply: InstanceReply, number: Int, to buffer: inout ByteBuffer) {
    // Beam search knows its text only at the end.
    guard number == 1, case .texts(let texts) = reply.answer, let text = texts.first else { return }
    append(text: text.text, to: &buffer)
  }

  func append(
    _ error: ServiceError,
    code: StreamFailure,
    number: Int,
    to buffer: inout ByteBuffer
  ) {
    buffer.append("data: {\"error\":" as StaticString)
    buffer.append(jsonString: error.message)
    buffer.append("}\n\n" as StaticString)
  }

  private func append(text: String, to buffer: inout ByteBuffer) {
    buffer.append("data: " as StaticString)
    writer.append(text: text, to: &buffer)
    buffer.append("\n\n" as StaticString)
  }
}

import HTTP

/// Writes the body of a reply.
protocol SequenceWriter: Sendable {
  /// Appends the body.
  func append(_ replies: [InstanceReply], to buffer: inout ByteBuffer)
}

/// Writes `{"predictions": [...]}`, one prediction for each instance.
struct PredictionsWriter: SequenceWriter {
  /// What the first text of an answer is called: `text`, or `caption`.
  let textKey: StaticString

  func append(_ replies: [InstanceReply], to buffer: inout ByteBuffer) {
    buffer.append("{\"predictions\":[" as StaticString)
    for (index, reply) in replies.enumerated() {
      if index > 0 { buffer.append(0x2C) }
      buffer.append(0x7B)
      appendMembers(of: reply, to: &buffer)
      buffer.append(0x7D)
    }
    buffer.append("]}" as StaticString)
  }

  /// Appends the members of one prediction.
  func appendMembers(of reply: InstanceReply, to buffer: inout ByteBuffer) {
    switch reply.answer {
    case .texts(let texts): append(texts, to: &buffer)
    case .label(let label, let probabilities): append(label, probabilities, to: &buffer)
    case .labels(let labels): append(labels, to: &buffer)
    case .forecast(let values): append(values, to: &buffer)
    }
    if let seed = reply.seed {
      buffer.append(",\"seed\":" as StaticString)
      buffer.append(seed.description)
    }
    append(unknown: reply.sequence, to: &buffer)
  }

  // MARK: - Text

  private func append(_ texts: [GeneratedText], to buffer: inout ByteBuffer) {
    let best = texts.first ?? GeneratedText("", tokens: [], .stop, logProbability: 0)
    append(best, to: &buffer)
    guard texts.count > 1 else { return }
    buffer.append(",\"candidates\":[" as StaticString)
    for (index, text) in texts.enumerated() {
      buffer.append(index > 0 ? ",{" : "{" as StaticString)
      append(text, to: &buffer)
      buffer.append(0x7D)
    }
    buffer.append(0x5D)
  }

  private func append(_ text: GeneratedText, to buffer: inout ByteBuffer) {
    buffer.append(0x22)
    buffer.append(textKey)
    buffer.append("\":" as StaticString)
    buffer.append(jsonString: text.text)
    buffer.append(",\"tokens\":" as StaticString)
    Self.append(text.tokens, to: &buffer) { $1.append(jsonString: $0) }
    buffer.append(",\"finish_reason\":\"" as StaticString)
    buffer.append(text.finishReason.rawValue)
    buffer.append("\",\"log_probability\":" as StaticString)
    buffer.append(jsonNumber: text.logProbability)
  }

  // MARK: - Labels

  private func append(
    _ label: String,
    _ probabilities: [LabelProbability],
    to buffer: inout ByteBuffer
  ) {
    buffer.append("\"label\":" as StaticString)
    buffer.append(jsonString: label)
    buffer.append(",\"probabilities\":{" as StaticString)
    for (index, entry) in probabilities.enumerated() {
      if index > 0 { buffer.append(0x2C) }
      buffer.append(jsonString: entry.label)
      buffer.append(0x3A)
      buffer.append(jsonNumber: entry.probability)
    }
    buffer.append(0x7D)
  }

  private func append(_ labels: [TokenLabel], to buffer: inout ByteBuffer) {
    buffer.append("\"tokens\":" as StaticString)
    Self.append(labels, to: &buffer) { $1.append(jsonString: $0.token) }
    buffer.append(",\"labels\":" as StaticString)
    Self.append(labels, to: &buffer) { $1.append(jsonString: $0.label) }
    buffer.append(",\"probabilities\":" as StaticString)
    Self.append(labels, to: &buffer) { $1.append(jsonNumber: $0.probability) }
  }

  // MARK: - Forecasts

  private func append(_ values: [ForecastValue], to buffer: inout ByteBuffer) {
    buffer.append("\"forecast\":" as StaticString)
    Self.append(values.map(\.value), to: &buffer) { $1.append(jsonNumber: $0) }
    let lower = values.compactMap(\.lower)
    let upper = values.compactMap(\.upper)
    guard lower.count == values.count, upper.count == values.count else { return }
    buffer.append(",\"lower\":" as StaticString)
    Self.append(lower, to: &buffer) { $1.append(jsonNumber: $0) }
    buffer.append(",\"upper\":" as StaticString)
    Self.append(upper, to: &buffer) { $1.append(jsonNumber: $0) }
  }

  // MARK: - Parts

  private func append(unknown sequence: EncodedSequence, to buffer: inout ByteBuffer) {
    guard sequence.unknownCount > 0 else { return }
    buffer.append(",\"unknown_count\":" as StaticString)
    buffer.append(decimal: sequence.unknownCount)
    buffer.append(",\"unknown\":" as StaticString)
    Self.append(sequence.unknown, to: &buffer) { token, buffer in
      buffer.append("{\"text\":" as StaticString)
      buffer.append(jsonString: token.text)
      buffer.append(",\"position\":" as StaticString)
      buffer.append(decimal: token.position)
      buffer.append(",\"offset\":" as StaticString)
      buffer.append(decimal: token.offset)
      buffer.append(0x7D)
    }
  }

  private static func append<Element>(
    _ elements: [Element],
    to buffer: inout ByteBuffer,
    _ write: (Element, inout ByteBuffer) -> Void
  ) {
    buffer.append(0x5B)
    for (index, element) in elements.enumerated() {
      if index > 0 { buffer.append(0x2C) }
      write(element, &buffer)
    }
    buffer.append(0x5D)
  }
}

import HTTP

/// Writes V2's answer to `generate`: `{"id", "model_name", "model_version", "text_output"}`.
struct GenerateWriter: SequenceWriter {
  /// Of the request; nil where it had none.
  let id: String?
  let model: String
  let version: Int

  func append(_ replies: [InstanceReply], to buffer: inout ByteBuffer) {
    guard case .texts(let texts)? = replies.first?.answer else { return }
    append(text: texts.first?.text ?? "", to: &buffer)
  }

  /// Appends the whole object.
  func append(text: String, to buffer: inout ByteBuffer) {
    buffer.append(0x7B)
    if let id {
      buffer.append("\"id\":" as StaticString)
      buffer.append(jsonString: id)
      buffer.append(0x2C)
    }
    buffer.append("\"model_name\":" as StaticString)
    buffer.append(jsonString: model)
    // A string, as everywhere in V2.
    buffer.append(",\"model_version\":\"" as StaticString)
    buffer.append(decimal: version)
    buffer.append("\",\"text_output\":" as StaticString)
    buffer.append(jsonString: text)
    buffer.append(0x7D)
  }
}

import HTTP
import ONNXFormat

/// The page at `/`: what is served, and how to ask.
enum IndexPage {
  /// Appends the page.
  ///
  /// Names of models need no escaping, see `ModelName`; everything else does.
  static func append(
    _ snapshot: RegistrySnapshot,
    host: BorrowedBytes?,
    to buffer: inout ByteBuffer
  ) {
    buffer.append(
      """
      <!doctype html><html lang="en"><meta charset="utf-8"><title>Martlet</title>
      <style>body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}
      pre{background:#8882;padding:.7rem;overflow-x:auto}td,th{text-align:left;padding-right:2rem}</style>
      <h1>Martlet</h1><p>Neural networks over HTTP, in TensorFlow Serving's REST format.
      <table><tr><th>model<th>version<th>takes<th>gives</tr>\n
      """ as StaticString
    )
    for model in snapshot.models { append(model, to: &buffer) }
    buffer.append("</table>\n" as StaticString)
    if let model = snapshot.models.first(where: { $0.serving != nil }), let serving = model.serving
    {
      buffer.append("<p>Try it:<pre>curl http://" as StaticString)
      append(escaped: host?.string ?? "localhost:8080", to: &buffer)
      buffer.append("/v1/models/\(model.name):\(verb(of: serving)) -d '" as String)
      append(escaped: example(serving), to: &buffer)
      buffer.append("'</pre>\n" as StaticString)
    }
    appendSequences(snapshot, host: host, to: &buffer)
    buffer.append(
      """
      <p><a href="/v1/models">models</a> · <a href="/openapi.yaml">openapi.yaml</a> ·
      <a href="/healthz">healthz</a> · <a href="/readyz">readyz</a></html>\n
      """ as StaticString
    )
  }

  /// An example of each verb for sequences that has a model.
  private static func appendSequences(
    _ snapshot: RegistrySnapshot,
    host: BorrowedBytes?,
    to buffer: inout ByteBuffer
  ) {
    for verb in ["sequence", "caption"] {
      let model = snapshot.models.first { $0.serving?.sequences?.backend.task.verb == verb }
      guard let model, let task = model.serving?.sequences?.backend.task else { continue }
      buffer.append("<p>\(task.rawValue), as it is made:<pre>curl -N http://" as String)
      append(escaped: host?.string ?? "localhost:8080", to: &buffer)
      buffer.append("/v1/models/\(model.name):\(verb) -d '" as String)
      append(escaped: "{\"instances\": [\(task.source.example)], \"stream\": true}", to: &buffer)
      buffer.append("'</pre>\n" as StaticString)
    }
  }

  private static func verb(of host: ModelHost) -> String {
    host.sequences?.backend.task.verb ?? "predict"
  }

  private static func example(_ host: ModelHost) -> String {
    guard let task = host.sequences?.backend.task else { return example(host.signature) }
    return "{\"instances\": [\(task.source.example)]}"
  }

  private static func append(_ model: RegistrySnapshot.Model, to buffer: inout ByteBuffer) {
    guard let serving = model.serving else {
      buffer.append("<tr><td>\(model.name)<td colspan=3>not available</tr>\n" as String)
      return
    }
    buffer.append(
      "<tr><td><a href=\"/v1/models/\(model.name)\">\(model.name)</a><td>\(serving.version)<td>"
        as String
    )
    append(fields: serving.signature.inputs, to: &buffer)
    buffer.append("<td>" as StaticString)
    append(fields: serving.signature.outputs, to: &buffer)
    buffer.append("</tr>\n" as StaticString)
  }

  private static func append(fields: [ModelSignature.Field], to buffer: inout ByteBuffer) {
    let text = fields.map { "\($0.name) \($0.dtype)\($0.shapeText)" }.joined(separator: ", ")
    append(escaped: text, to: &buffer)
  }

  /// A body with one row, shortened where a row is long.
  private static func example(_ signature: ModelSignature) -> String {
    let fields = signature.inputs.map { field -> (String, String) in
      let sizes = (field.sizes ?? []).dropFirst().map { $0 ?? 1 }
      let row = sizes.reversed().reduce("0") { inner, size in
        "["
          + (size > 3
            ? "\(inner), ..." : Array(repeating: inner, count: size).joined(separator: ", "))
          + "]"
      }
      return (field.name, row)
    }
    if fields.count == 1 { return "{\"instances\": [\(fields[0].1)]}" }
    let members = fields.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
    return "{\"instances\": [{\(members)}]}"
  }

  private static func append(escaped text: String, to buffer: inout ByteBuffer) {
    for byte in text.utf8 {
      switch byte {
      case 0x26: buffer.append("&amp;" as StaticString)
      case 0x3C: buffer.append("&lt;" as StaticString)
      case 0x3E: buffer.append("&gt;" as StaticString)
      case 0x22: buffer.append("&quot;" as StaticString)
      case 0x27: buffer.append("&#39;" as StaticString)
      default: buffer.append(byte)
      }
    }
  }
}

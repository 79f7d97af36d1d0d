import HTTP
import Tensors

/// Writes `{"predictions": [{"q_values", "actions", "action", "action_name"}, ...]}`, with `state_value` and `advantage` where the network
/// is dueling.
///
/// Names are rendered once.
final class QValueWriter: ReplyWriter {
  private let outputs: QValueFormat.Outputs
  private let actionCount: Int
  /// `,"actions":[...],"action":`.
  private let actionsPart: [UInt8]
  /// `,"action_name":"..."` for each action.
  private let nameParts: [[UInt8]]
  let headers: ResponseHeaders
  /// How actions are drawn; nil for the greedy ones, of equals the first.
  private let draw: ActionDraw?

  /// Writes greedy actions.
  init(_ format: QValueFormat, headers: ResponseHeaders = .none) {
    outputs = format.outputs
    actionCount = format.actions.count
    self.headers = headers
    draw = nil
    var buffer = ByteBuffer()
    buffer.append(",\"actions\":[" as StaticString)
    for (index, name) in format.actions.enumerated() {
      if index > 0 { buffer.append(0x2C) }
      buffer.append(jsonString: name)
    }
    buffer.append("],\"action\":" as StaticString)
    actionsPart = [UInt8](buffer.readable)
    nameParts = format.actions.map { name in
      var buffer = ByteBuffer()
      buffer.append(",\"action_name\":" as StaticString)
      buffer.append(jsonString: name)
      return [UInt8](buffer.readable)
    }
  }

  /// Writes what `writer` does, with drawn actions.
  init(_ writer: QValueWriter, drawing draw: ActionDraw) {
    outputs = writer.outputs
    actionCount = writer.actionCount
    actionsPart = writer.actionsPart
    nameParts = writer.nameParts
    headers = writer.headers
    self.draw = draw
  }

  func write(
    _ answer: PredictionOutputs,
    to buffer: inout ByteBuffer
  ) throws(ServiceError) {
    try check(answer)
    buffer.append("{\"predictions\":[" as StaticString)
    for row in 0..<(answer.rowCount ?? 0) {
      buffer.append(row > 0 ? ",{\"q_values\":" : "{\"q_values\":" as StaticString)
      let values = answer.row(row, of: outputs.values)
      buffer.append(jsonVector: values, .float32, count: actionCount)
      buffer.append(actionsPart)
      var action = answer.largest(of: outputs.values, row: row, count: actionCount)
      if let draw {
        action = values.withMemoryRebound(to: Float.self) {
          draw.action($0, greedy: action, instance: row)
        }
      }
      buffer.append(decimal: action)
      buffer.append(nameParts[action])
      if let dueling = outputs.dueling {
        buffer.append(",\"state_value\":" as StaticString)
        let value = answer.row(row, of: dueling.stateValue).loadUnaligned(as: Float.self)
        buffer.append(jsonNumber: value)
        buffer.append(",\"advantage\":" as StaticString)
        buffer.append(
          jsonVector: answer.row(row, of: dueling.advantage),
          .float32,
          count: actionCount
        )
      }
      buffer.append(0x7D)
    }
    buffer.append(0x5D)
    if let draw {
      buffer.append(",\"seed\":" as StaticString)
      buffer.append(draw.seed.description)
    }
    buffer.append(0x7D)
  }

  private func check(_ answer: PredictionOutputs) throws(ServiceError) {
    try check(answer, outputs.values, actionCount)
    guard let dueling = outputs.dueling else { return }
    try check(answer, dueling.stateValue, 1)
    try check(answer, dueling.advantage, actionCount)
  }

  private func check(
    _ answer: PredictionOutputs,
    _ index: Int,
    _ width: Int
  ) throws(ServiceError) {
    guard answer.rowLength(index) != width else { return }
    throw ServiceError(
      .internalServerError,
      "output '\(answer.signature.outputs[index].name)' gives \(Array(answer.rowShape(index))) a row, expected [\(width)]"
    )
  }
}

import HTTP
import Testing

@testable import Service

/// A server with a model of each task, and what the tests of sequences ask it.
enum SequenceServer {
  static let models = [
    "writer.onnx": "sequences text-generation",
    "slow.onnx": "sequences text-generation manual",
    "german.onnx": "sequences translation",
    "eyes.onnx": "sequences image-captioning",
    "mood.onnx": "sequences text-classification",
    "words.onnx": "sequences token-classification",
    "sales.onnx": "sequences forecasting",
    "plain.onnx": "plain",
  ]

  static func make(_ change: (inout ServiceLimits) -> Void = { _ in }) throws -> ServiceServer {
    try ServiceServer(models, change)
  }
}

extension ServiceServer {
  /// The body of an answer as JSON.
  static func value(_ response: ClientResponse) throws -> JSONValue {
    try response.body.withUnsafeBytes { try JSONValueReader.read($0) }
  }

  /// The answer of a request that succeeds.
  func answer(_ path: String, _ body: String) throws -> JSONValue {
    let response = try post(path, body)
    try #require(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
    return try Self.value(response)
  }

  /// Opens a stream of events.
  func open(
    _ method: String,
    _ path: String,
    _ body: String? = nil,
    headers: [(String, String)] = []
  ) throws -> ClientEventStream {
    let stream = try client().open(
      method,
      path,
      headers: headers,
      body: body.map { Array($0.utf8) }
    )
    try #require(stream.status == 200)
    return ClientEventStream(stream)
  }
}

extension ClientEventStream {
  /// All events up to the end.
  func rest() throws -> [ServerSentEvent] {
    var events: [ServerSentEvent] = []
    while let event = try next() { events.append(event) }
    return events
  }
}

extension ServerSentEvent {
  /// A member of the data.
  func member(_ key: String) throws -> JSONValue? {
    try Array(data.utf8).withUnsafeBytes { try JSONValueReader.read($0) }[key]
  }
}

extension SequenceServer {
  /// Waits until something is so.
  ///
  /// - Throws: What `#require` does where it never is.
  static func wait(_ condition: () -> Bool) throws {
    for _ in 0..<100_000 where !condition() { pause() }
    try #require(condition())
  }
}

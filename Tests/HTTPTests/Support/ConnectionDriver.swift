@testable import HTTP

/// Feeds bytes to a `ConnectionState` as a connection would and writes down what comes out, one
/// line per event.
///
/// Each request is answered at once.
final class ConnectionDriver {
  var limits = ServerLimits()
  var bodyLimit: Int?
  /// Whether bodies come in pieces; the events say the same either way.
  var streamsBodies = false
  private(set) var pieceSizes: [Int] = []
  private var streamed: [UInt8] = []
  var now: Nanoseconds = 0
  private(set) var events: [String] = []
  private(set) var isClosed = false
  var state: ConnectionState
  private var input = ByteBuffer()
  private let request = Request()

  init(
    limits: ServerLimits = ServerLimits(),
    bodyLimit: Int? = nil,
    streamsBodies: Bool = false
  ) {
    self.limits = limits
    self.streamsBodies = streamsBodies
    self.bodyLimit = bodyLimit
    state = ConnectionState(limits: limits, now: 0)
  }

  /// Feeds the pieces one after the other and answers the events.
  static func transcript(
    _ pieces: [ArraySlice<UInt8>],
    limits: ServerLimits = ServerLimits(),
    bodyLimit: Int? = nil,
    streamsBodies: Bool = false
  ) -> [String] {
    let driver = ConnectionDriver(
      limits: limits,
      bodyLimit: bodyLimit,
      streamsBodies: streamsBodies
    )
    for piece in pieces { driver.feed(piece) }
    return driver.events
  }

  /// Feeds one text whole.
  static func transcript(
    _ text: String,
    limits: ServerLimits = ServerLimits(),
    bodyLimit: Int? = nil
  ) -> [String] {
    transcript([Array(text.utf8)[...]], limits: limits, bodyLimit: bodyLimit)
  }

  func feed(_ text: String) { feed(Array(text.utf8)[...]) }

  func feed(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { input.append($0) }
    while !isClosed {
      switch state.next(&input, request, now: now) {
      case .needBytes, .paused: return
      case .head:
        state.admit(bodyLimit: bodyLimit ?? limits.bodyBytes, streamed: streamsBodies)
      case .piece(let range):
        pieceSizes.append(range.count)
        streamed.append(contentsOf: input.readable[range])
      case .sendContinue: events.append("100")
      case .failed(let error):
        events.append("\(error.status.code)")
        isClosed = true
      case .request: answer()
      }
    }
  }

  private func answer() {
    let path = String(decoding: request.rawPath.buffer, as: UTF8.self)
    var line = "\(request.method.name) \(path)"
    let body = streamsBodies ? streamed : [UInt8](request.body)
    streamed = []
    if !body.isEmpty { line += " " + String(decoding: body, as: UTF8.self) }
    events.append(line)
    if state.mayPersist(after: request) {
      state.responseFinished(&input, now: now)
    } else {
      events.append("close")
      state.close()
      isClosed = true
    }
  }
}

/// Bytes from a literal in which every character is one byte: `"\u{A0}"` is 0xA0.
func latin1(_ text: String) -> [UInt8] {
  text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
}

// Answers that are written bit by bit.
extension Connection {
  /// Writes the head of a streamed answer; with a `length` its body has exactly that many bytes.
  func beginStream(
    _ generation: UInt64,
    _ status: Status,
    _ contentType: ContentType,
    _ headers: ResponseHeaders,
    length: Int?
  ) {
    guard owes(generation), streamFraming == nil else { return }
    let framing: ResponseSerializer.Framing =
      length.map { .fixed(max(0, $0)) } ?? (request.isHTTP11 ? .chunked : .close)
    loop.outputs.fill(&output)
    let head = ResponseSerializer.Head(
      status: status,
      contentType: contentType,
      headers: headers,
      framing: framing,
      isHead: request.method == .head,
      keepAlive: decideKeepAlive() && framing != .close,
      isHTTP11: request.isHTTP11
    )
    streamDropsBody = loop.serializer.begin(&output, head).dropsBody
    streamFraming = framing
    streamKeepsAlive = head.keepAlive
    streamRemaining = streamDropsBody ? 0 : length ?? 0
    handler.didRespond(to: request, status)
    loop.markDirty(self)
  }

  func writeToStream(_ generation: UInt64, _ bytes: [UInt8]) {
    guard owes(generation), let streamFraming, !streamDropsBody else { return }
    guard output.count + bytes.count <= loop.limits.streamBacklogBytes else {
      close()
      return
    }
    loop.outputs.fill(&output)
    bytes.withUnsafeBytes { bytes in
      switch streamFraming {
      case .chunked: ResponseSerializer.appendChunk(&output, bytes)
      case .fixed:
        // More than was announced would be read as the next response.
        let kept = min(bytes.count, streamRemaining)
        streamRemaining -= kept
        output.append(UnsafeRawBufferPointer(rebasing: bytes[..<kept]))
      case .length, .close: output.append(bytes)
      }
    }
    loop.markDirty(self)
  }

  func finishStream(_ generation: UInt64) {
    guard owes(generation), let framing = streamFraming else {
      finishIfGone(generation)
      return
    }
    guard streamRemaining == 0 else {
      // Less than was announced: only breaking off tells the client.
      close()
      finishIfGone(generation)
      return
    }
    if framing == .chunked, !streamDropsBody {
      loop.outputs.fill(&output)
      ResponseSerializer.appendLastChunk(&output)
    }
    streamFraming = nil
    finishResponse(keepAlive: streamKeepsAlive)
  }

  func abortStream(_ generation: UInt64) {
    if owes(generation) { close() }
    finishIfGone(generation)
  }

  func setStreamReadyAction(_ generation: UInt64, _ action: @escaping @Sendable () -> Void) {
    guard owes(generation), streamFraming != nil else { return }
    streamReadyAction = action
    // `flush` calls it, at the end of this iteration.
    loop.markDirty(self)
  }

  /// Asks the writer of a stream for more, when there is room.
  func refillStream() {
    guard streamReadyAction != nil, output.count < loop.limits.streamRefillBytes else { return }
    let action = streamReadyAction
    streamReadyAction = nil
    action?()
  }
}

internal import Glibc

extension Connection {
  /// Writes a whole answer.
  ///
  /// On the loop's thread.
  func respond(
    _ generation: UInt64,
    _ status: Status,
    _ contentType: ContentType,
    _ headers: ResponseHeaders,
    write: (inout ByteBuffer) throws -> Void
  ) rethrows {
    guard owes(generation), streamFraming == nil else {
      finishIfGone(generation)
      return
    }
    let keepAlive = decideKeepAlive()
    loop.outputs.fill(&output)
    let head = ResponseSerializer.Head(
      status: status,
      contentType: contentType,
      headers: headers,
      isHead: request.method == .head,
      keepAlive: keepAlive,
      isHTTP11: request.isHTTP11
    )
    let response = loop.serializer.begin(&output, head)
    do {
      try write(&output)
    } catch {
      output.truncate(to: response.mark)
      throw error
    }
    loop.serializer.end(&output, response)
    handler.didRespond(to: request, status)
    finishResponse(keepAlive: keepAlive)
  }

  /// Answers a request that no handler will see, and closes.
  func fail(_ error: RequestError) {
    loop.outputs.fill(&output)
    loop.serializer.appendError(&output, error)
    handler.didRespond(to: request, error.status)
    closeGently()
  }

  /// Answers a request whose body will not be read, and closes.
  func refuse(_ refusal: Refusal) {
    loop.outputs.fill(&output)
    let head = ResponseSerializer.Head(
      status: refusal.status,
      contentType: refusal.contentType,
      headers: refusal.headers,
      isHead: request.method == .head,
      keepAlive: false,
      isHTTP11: request.isHTTP11
    )
    let response = loop.serializer.begin(&output, head)
    output.append(refusal.body)
    loop.serializer.end(&output, response)
    handler.didRespond(to: request, refusal.status)
    closeGently()
  }

  /// Sends what is written and closes, reading on for a moment what the client still sends.
  private func closeGently() {
    state.close()
    abandonBody()
    closesAfterFlush = true
    lingers = true
    loop.markDirty(self)
  }

  /// Whether this request is still to be answered to somebody.
  func owes(_ generation: UInt64) -> Bool {
    isInFlight && generation == self.generation && socket.isOpen
  }

  /// The client went before the answer came: now nobody needs the request's bytes any more.
  func finishIfGone(_ generation: UInt64) {
    guard isInFlight, generation == self.generation, !socket.isOpen else { return }
    isInFlight = false
    cancelAction = nil
    request.sink = nil
    request.subject = nil
    input.consume(input.count)
    loop.inputs.drain(&input)
  }

  func decideKeepAlive() -> Bool {
    state.mayPersist(after: request) && !loop.isDraining
  }

  func finishResponse(keepAlive: Bool) {
    isInFlight = false
    cancelAction = nil
    streamReadyAction = nil
    // A sink may hold this connection: left to the next request, the two would keep each other.
    request.sink = nil
    request.subject = nil
    request.routeID = -1
    if keepAlive {
      state.responseFinished(&input, now: loop.now)
      // Inside `advance` its loop goes on by itself.
      if !isAdvancing { loop.markReady(self) }
    } else {
      lingers = input.count > state.currentRequestLength
      state.close()
      closesAfterFlush = true
    }
    loop.markDirty(self)
  }

  /// Sends what has been written: usually everything in one call.
  func flush() {
    guard socket.isOpen else { return }
    while !output.isEmpty {
      let bytes = output.readable
      let count = send(socket.rawValue, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      if count > 0 {
        output.consume(count)
        writtenBytes += count
        continue
      }
      if errno == EINTR { continue }
      guard errno == EAGAIN else {
        close()
        return
      }
      waitToWrite()
      refillStream()
      return
    }
    loop.outputs.drain(&output)
    if writeProgress != nil {
      writeProgress = nil
      refreshDeadline()
    }
    setInterest(interest.subtracting(.write))
    refillStream()
    if closesAfterFlush {
      endConnection()
    } else if isStalled {
      isStalled = false
      loop.markReady(self)
    }
  }

  private func waitToWrite() {
    setInterest(interest.union(.write))
    if writeProgress == nil {
      writtenBytes = 0
      writeProgress = RateDeadline(
        start: loop.now,
        grace: loop.limits.writeGraceSeconds,
        bytesPerSecond: loop.limits.writeBytesPerSecond
      )
    }
    refreshDeadline()
  }

  /// Everything is sent: closes, first reading what the client may still be sending.
  private func endConnection() {
    guard lingers, !state.inputEnded else {
      close()
      return
    }
    guard !isLingering else { return }
    _ = shutdown(socket.rawValue, Int32(SHUT_WR))
    isLingering = true
    input.consume(input.count)
    setInterest(.read)
    updateDeadline(loop.now.after(loop.limits.lingerSeconds))
  }
}

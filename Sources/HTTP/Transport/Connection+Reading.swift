internal import Glibc
internal import Synchronization

extension Connection {
  /// The socket has bytes, or has ended.
  func readable() {
    if isLingering {
      discard()
      return
    }
    if state.isResponding {
      readAhead()
      return
    }
    guard !isBodyPaused else {
      setInterest(interest.subtracting(.read))
      return
    }
    loop.inputs.fill(&input)
    // A body that is still to come gets room step by step: what a head announces is only a claim.
    let room = min(wantedBytes, max(input.count, BufferPool.usualCapacity))
    let target = input.reserve(max(1, room))
    receive(target, input.spare)
  }

  /// Reads what follows the request being answered, without moving it: also how we learn that the
  /// client has gone.
  private func readAhead() {
    // There is none where the request was released.
    loop.inputs.fill(&input)
    let ahead = input.count - state.currentRequestLength
    guard input.spare > 0, ahead < loop.limits.readAheadBytes else {
      setInterest(interest.subtracting(.read))
      return
    }
    receive(input.reserve(1), input.spare)
  }

  private func receive(_ target: UnsafeMutablePointer<UInt8>, _ room: Int) {
    let count = recv(socket.rawValue, target, room, 0)
    if count > 0 {
      input.commit(count)
      if !state.isResponding { advance() }
    } else if count == 0 {
      inputEnded()
    } else if errno != EAGAIN && errno != EINTR {
      close()
    }
  }

  /// The client will send nothing more.
  ///
  /// It may still read: what it has asked for is answered.
  private func inputEnded() {
    state.endInput()
    setInterest(interest.subtracting(.read))
    if isInFlight { cancelInFlight() } else { advance() }
  }

  /// All requests are answered and none will follow.
  private func endAfterInput() {
    state.close()
    abandonBody()
    closesAfterFlush = true
    if output.isEmpty { close() } else { loop.markDirty(self) }
  }

  /// Discards what the client still sends, so that closing does not reset the connection and with
  /// it our last response (RFC 9112 §9.6).
  private func discard() {
    loop.inputs.fill(&input)
    let count = recv(socket.rawValue, input.reserve(1), input.spare, 0)
    lingeredBytes += max(0, count)
    if count == 0 || lingeredBytes > loop.limits.lingerBytes
      || (count < 0 && errno != EAGAIN && errno != EINTR)
    {
      close()
    }
  }

  /// Parses and handles what has been received, until it runs out or a handler takes its time.
  func advance() {
    guard !isAdvancing else { return }
    isAdvancing = true
    defer { isAdvancing = false }
    var turns = 0
    while socket.isOpen, !closesAfterFlush, !isBodyPaused {
      if output.count > loop.limits.outputBacklogBytes {
        isStalled = true
        return
      }
      switch state.next(&input, request, now: loop.now) {
      case .needBytes(let count):
        wantedBytes = count
        if state.inputEnded {
          endAfterInput()
          return
        }
        if input.isEmpty { loop.inputs.drain(&input) }
        setInterest(interest.union(.read))
        refreshDeadline()
        return
      case .head:
        guard admitBody() else { return }
      case .sendContinue:
        loop.outputs.fill(&output)
        output.append("HTTP/1.1 100 Continue\r\n\r\n" as StaticString)
        loop.markDirty(self)
      case .piece(let range):
        guard handOver(range) else { return }
      case .request:
        deliver()
        guard !isInFlight else {
          refreshDeadline()
          return
        }
        turns += 1
        if turns >= loop.limits.pipelinedRequestsPerTurn {
          loop.markReady(self)
          return
        }
      case .failed(let error):
        fail(error)
        return
      case .paused:
        return
      }
    }
  }

  /// The handler has read what it needs of the request: its memory serves other connections meanwhile.
  ///
  /// Bodies of many connections that are answered together then pass through the same memory, warm in the cache.
  func releaseRequest(_ generation: UInt64) {
    guard loop.isCurrent, owes(generation) else { return }
    state.releaseRequest(&input)
    request.release()
    if input.isEmpty { loop.inputs.drain(&input) }
  }

  private func deliver() {
    generation += 1
    isInFlight = true
    streamFraming = nil
    if let sink {
      request.sink = sink
      self.sink = nil
    }
    request.receivedAt = loop.now
    loop.requestCount.wrappingAdd(1, ordering: .relaxed)
    handler.handle(request, Responder(connection: self, generation: generation))
  }
}

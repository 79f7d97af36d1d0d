// Streamed request bodies.
extension Connection {
  /// Asks the handler how to take the body that follows; false if it was refused.
  func admitBody() -> Bool {
    if let refusal = handler.refusal(for: request) {
      refuse(refusal)
      return false
    }
    let limit = handler.bodyLimit(for: request) ?? loop.limits.bodyBytes
    // A body announced as too large is refused by `state`: no sink should prepare for it.
    guard (request.announcedBodyLength ?? 0) <= limit else {
      state.admit(bodyLimit: limit)
      return true
    }
    do throws(Refusal) {
      sink = try handler.bodySink(for: request)
    } catch {
      refuse(error)
      return false
    }
    state.admit(bodyLimit: limit, streamed: sink != nil)
    return true
  }

  /// Gives the sink the bytes at these offsets; false when parsing must stop.
  func handOver(_ range: Range<Int>) -> Bool {
    guard let sink else { return true }
    do throws(Refusal) {
      try sink.receive(
        UnsafeRawBufferPointer(rebasing: input.readable[range]),
        BodyFlow(connection: self, generation: generation + 1)
      )
    } catch {
      self.sink = nil
      isBodyPaused = false
      refuse(error)
      return false
    }
    guard isBodyPaused else { return true }
    state.pauseBody(now: loop.now)
    setInterest(interest.subtracting(.read))
    refreshDeadline()
    return false
  }

  func pauseBody(_ generation: UInt64) {
    if isReceiving(generation) { isBodyPaused = true }
  }

  func resumeBody(_ generation: UInt64) {
    guard isReceiving(generation), isBodyPaused else { return }
    isBodyPaused = false
    state.resumeBody(now: loop.now)
    // Also for the request's answer: reading is how we learn that its client has gone.
    setInterest(interest.union(.read))
    if !isAdvancing { loop.markReady(self) }
  }

  func refuseBody(_ generation: UInt64, _ refusal: Refusal) {
    guard isReceiving(generation) else { return }
    sink = nil
    isBodyPaused = false
    refuse(refusal)
  }

  /// Tells the sink, if there is one, that the rest of the body will not come.
  func abandonBody() {
    guard let sink else { return }
    self.sink = nil
    isBodyPaused = false
    sink.abandon()
  }

  /// Whether the body of this request is being received: its number is the next one.
  private func isReceiving(_ generation: UInt64) -> Bool {
    sink != nil && socket.isOpen && generation == self.generation + 1
  }
}

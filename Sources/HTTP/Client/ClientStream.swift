/// A response whose body is read as it arrives; it has its connection to itself.
package final class ClientStream {
  /// The status code.
  package let status: Int
  /// Names and values in order.
  package let headers: [(name: String, value: String)]
  private let socket: ClientSocket
  private let timeout: Double
  private var input: ByteBuffer
  /// nil where the end of the connection ends the body.
  private var pieces: BodyPieces?
  private var hasEnded = false

  /// Goes on where the head of the response ended.
  init(
    _ head: ClientResponse,
    _ pieces: BodyPieces?,
    socket: ClientSocket,
    input: consuming ByteBuffer,
    timeout: Double
  ) {
    status = head.status
    headers = head.headers
    self.socket = socket
    self.input = input
    self.pieces = pieces
    self.timeout = timeout
  }

  /// Waits for more of the body; nil at its end.
  ///
  /// - Throws: `.timeout` where nothing comes for the client's time, `.closed` where the connection
  ///   ends before the body.
  package func read() throws(HTTPClient.Failure) -> [UInt8]? {
    while !hasEnded {
      if let piece = try nextPiece() { return piece }
      guard !hasEnded else { break }
      do throws(HTTPClient.Failure) {
        try socket.read(into: &input, Clock.now().after(timeout))
      } catch {
        guard error == .closed, pieces == nil else { throw error }
        hasEnded = true
      }
    }
    return nil
  }

  private func nextPiece() throws(HTTPClient.Failure) -> [UInt8]? {
    guard pieces != nil else {
      defer { input.consume(input.count) }
      return input.isEmpty ? nil : BorrowedBytes(input.readable).array
    }
    do throws(RequestError) {
      switch try pieces?.next(&input) {
      case .piece(let range):
        return BorrowedBytes(input.readable)[range.lowerBound, range.upperBound].array
      case .ended, nil: hasEnded = true
      case .needBytes: break
      }
      return nil
    } catch {
      throw .malformed(error.message)
    }
  }
}

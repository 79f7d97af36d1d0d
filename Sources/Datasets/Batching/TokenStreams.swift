/// Cuts one long text into parallel streams and windows of them, for truncated back-propagation through time.
///
/// Of `count` tokens each of N streams predicts L = (count - 1) / N: stream n reads the tokens from n L on, and the target of a token is
/// the one behind it. Window w holds the positions w T to (w + 1) T of every stream, the last window what is left, so that the state
/// after one window is the state before the next. At most N - 1 tokens at the end of the text are not used.
package struct TokenStreams: Sendable {
  package let tokens: [Int32]
  /// N.
  package let streamCount: Int
  /// T.
  package let windowLength: Int
  /// L, tokens that a stream predicts.
  package let streamLength: Int

  /// `nil` for a text too short to give every stream a token and its target, and for sizes below 1.
  package init?(_ tokens: [Int32], streams: Int, window: Int) {
    guard streams >= 1, window >= 1, tokens.count > streams else { return nil }
    self.tokens = tokens
    streamCount = streams
    windowLength = window
    streamLength = (tokens.count - 1) / streams
  }

  /// Windows of one pass over the text.
  package var windowCount: Int { (streamLength - 1) / windowLength + 1 }

  /// Tokens of each stream in a window: T, or less in the last one.
  ///
  /// - Precondition: the window is below `windowCount`, here and below.
  package func length(of window: Int) -> Int {
    precondition((0..<windowCount).contains(window), "window \(window) of \(windowCount)")
    return min(windowLength, streamLength - window * windowLength)
  }

  /// True where every stream begins anew: what came before must not be remembered.
  package func beginsAnew(_ window: Int) -> Bool { window == 0 }

  /// Writes the tokens of a window, [N, T].
  package func copyInputs(_ window: Int, to target: UnsafeMutableBufferPointer<Int64>) {
    copy(window, shift: 0, to: target)
  }

  /// Writes the token behind each of the inputs, [N, T].
  package func copyTargets(_ window: Int, to target: UnsafeMutableBufferPointer<Int64>) {
    copy(window, shift: 1, to: target)
  }

  private func copy(_ window: Int, shift: Int, to target: UnsafeMutableBufferPointer<Int64>) {
    let length = length(of: window)
    precondition(target.count == streamCount * length, "\(target.count) elements for a window")
    for stream in 0..<streamCount {
      let start = stream * streamLength + window * windowLength + shift
      for position in 0..<length {
        target[stream * length + position] = Int64(tokens[start + position])
      }
    }
  }
}

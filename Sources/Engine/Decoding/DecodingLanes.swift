/// The lanes of one model: threads that step streams side by side, each its own ones.
///
/// Two cores make twice as many tokens this way, and never wait for each other. A stream stays in its lane, and its tokens are the
/// same in each.
package final class DecodingLanes: Sendable {
  private let lanes: [DecodingLane]

  /// Streams of a lane up to which another one costs next to nothing: a step of few rows takes as long as reading the weights.
  static let sharingStreams = 4

  /// - Precondition: there is a lane; all are of the same model.
  package init(_ lanes: [DecodingLane]) {
    precondition(!lanes.isEmpty, "no lanes")
    self.lanes = lanes
  }

  /// Begins a stream in the lane where it is soonest; returns at once.
  ///
  /// - Throws: As `DecodingLane.submit`; the observer is not called then.
  package func submit(
    _ request: DecodingRequest,
    _ observer: any DecodingObserver
  ) throws(DecodingError) {
    let counts = lanes.map(\.streamCount)
    try lanes[Self.choice(among: counts)].submit(request, observer)
  }

  /// The lane that a stream joins, given the streams that each has: the first one that shares its weights among few, else the first of
  /// those with the fewest.
  static func choice(among counts: [Int]) -> Int {
    if let sharing = counts.firstIndex(where: { (1..<sharingStreams).contains($0) }) {
      return sharing
    }
    return counts.indices.min { counts[$0] < counts[$1] } ?? 0
  }
}

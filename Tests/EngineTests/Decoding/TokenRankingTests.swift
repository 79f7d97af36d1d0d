import Tensors
import TestSupport
import Testing

@testable import Engine

@Suite struct TokenRankingTests {
  /// Scores with many equals among them.
  private func scores(_ count: Int, _ seed: UInt64) -> [Float] {
    var random = Philox(seed: seed)
    return (0..<count).map { _ in Float(random.below(count / 2 + 1)) }
  }

  private func sorted(_ scores: [Float]) -> [TokenRanking.Entry] {
    scores.enumerated().map { TokenRanking.Entry(score: $1, token: $0) }
      .sorted { $0.score != $1.score ? $0.score > $1.score : $0.token < $1.token }
  }

  @Test func theBestAreThoseOfASortedRow() {
    var ranking = TokenRanking()
    for (seed, size) in [1, 2, 3, 10, 100, 1000].enumerated() {
      let scores = scores(size, UInt64(seed))
      let expected = sorted(scores)
      for count in [0, 1, 2, size / 2, size - 1, size, size + 5] where count >= 0 {
        let found = scores.withUnsafeBufferPointer { ranking.best(count, of: $0) }
        #expect(found == Array(expected.prefix(count)), "\(count) of \(size)")
      }
    }
  }
}

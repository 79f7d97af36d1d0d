import Tensors
import Testing

@testable import Engine

@Suite struct TokenCutTests {
  private func kept(_ scores: [Float], _ cut: TokenCut) -> [Int] {
    scores.indices.filter { cut.keeps($0, scores[$0]) }
  }

  private func narrow(
    _ cut: inout TokenCut,
    _ scores: [Float],
    to goal: Double,
    weight: (Int) -> Double = { _ in 1 }
  ) {
    var sums = [Double](repeating: 0, count: TokenCut.scratchCount)
    scores.withUnsafeBufferPointer { cut.narrow($0, to: goal, &sums, weight: weight) }
  }

  private func order(_ scores: [Float]) -> [Int] {
    scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
  }

  /// Scores of every size and sign with many equals, both zeros and minus infinity among them.
  private func scores(_ count: Int, _ seed: UInt64) -> [Float] {
    var random = Philox(seed: seed)
    return (0..<count).map { _ in
      switch random.below(8) {
      case 0: [0, -0.0, -Float.infinity, Float.leastNonzeroMagnitude][random.below(4)]
      case 1: Float(random.below(5))
      case 2: (random.uniform() - 0.5) * 1e30
      default: random.uniform() * 4 - 2
      }
    }
  }

  @Test func aCountKeepsTheFirstOfASortedRow() {
    for (seed, size) in [1, 2, 3, 10, 100, 3000].enumerated() {
      let scores = scores(size, UInt64(seed))
      for count in [1, 2, size / 3, size - 1, size, size + 7] where count > 0 {
        var cut = TokenCut()
        narrow(&cut, scores, to: Double(count))
        #expect(kept(scores, cut) == order(scores).prefix(count).sorted(), "\(count) of \(size)")
      }
    }
  }

  @Test func aSumKeepsTheFewestThatReachIt() {
    for seed in 0..<30 as Range<UInt64> {
      let scores = scores(200, seed + 50)
      var random = Philox(seed: seed)
      let weights = scores.indices.map { _ in Double(random.below(10)) }
      let goal = Double(1 + random.below(900))
      var sum = 0.0
      var expected: [Int] = []
      for token in order(scores) where sum < goal {
        sum += weights[token]
        expected.append(token)
      }
      var cut = TokenCut()
      narrow(&cut, scores, to: goal) { weights[$0] }
      // Tokens without weight behind the last one that counts are no matter.
      let found = kept(scores, cut).filter { weights[$0] > 0 }
      #expect(found == expected.filter { weights[$0] > 0 }.sorted(), "seed \(seed)")
    }
  }

  @Test func aSecondCutIsMadeOfWhatTheFirstOneKept() {
    let scores: [Float] = [1, 5, 3, 5, 2, 4]
    var cut = TokenCut()
    narrow(&cut, scores, to: 3)
    #expect(kept(scores, cut) == [1, 3, 5])
    narrow(&cut, scores, to: 0.8) { [9, 0.5, 9, 0.4, 9, 0.1][$0] }
    #expect(kept(scores, cut) == [1, 3])
    narrow(&cut, scores, to: 100)
    #expect(kept(scores, cut) == [1, 3])
  }
}

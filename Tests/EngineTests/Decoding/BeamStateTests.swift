import Foundation
import Tensors
import TestSupport
import Testing

@testable import Engine

/// Beam search over small tables, against all answers there are.
@Suite struct BeamStateTests {
  /// The scores after a beginning: any function of it.
  private typealias Model = ([Int]) -> [Float]

  private static let end = 0

  /// A model whose scores depend on the whole beginning.
  private func randomModel(_ seed: UInt64, tokens: Int) -> Model {
    { beginning in
      let stream = beginning.reduce(UInt64(1)) { $0 &* 31 &+ UInt64($1) &+ 1 }
      var random = Philox(seed: seed, stream: stream)
      return (0..<tokens).map { _ in random.uniform() * 6 - 3 }
    }
  }

  private func run(
    _ search: BeamSearch,
    _ model: Model,
    tokens: Int,
    lengthMax: Int
  ) throws -> [BeamState.Hypothesis] {
    var sampler = TokenSampler(vocabularySize: tokens)
    var state = BeamState(search, endTokens: [Self.end], lengthMax: lengthMax)
    while true {
      let before = state.live.map(\.tokens)
      let rows = before.map(model)
      let memory = rows.map { row in
        let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: row.count)
        _ = buffer.initialize(from: row)
        return UnsafeBufferPointer(buffer)
      }
      defer { for buffer in memory { buffer.deallocate() } }
      guard let parents = try state.advance(&sampler, logits: { memory[$0] }) else { break }
      #expect(parents.count == state.live.count && parents.count <= search.width)
      for (hypothesis, parent) in zip(state.live, parents) {
        #expect(hypothesis.tokens.dropLast() == before[parent][...])
      }
    }
    return state.results
  }

  /// All answers: those that end, and those that are as long as they may be.
  private func allAnswers(
    _ model: Model,
    tokens: Int,
    lengthMax: Int,
    penalty: Double
  ) -> [(tokens: [Int], logProbability: Double, score: Double)] {
    var found: [(tokens: [Int], logProbability: Double, score: Double)] = []
    var pending: [(tokens: [Int], logProbability: Double)] = [([], 0)]
    func add(_ tokens: [Int], _ logProbability: Double, length: Int) {
      found.append((tokens, logProbability, logProbability / pow(Double(length), penalty)))
    }
    while let (beginning, sum) = pending.popLast() {
      let scores = model(beginning)
      let total = log(scores.reduce(0) { $0 + exp(Double($1)) })
      for (token, score) in scores.enumerated() {
        let logProbability = sum + Double(score) - total
        if token == Self.end {
          add(beginning, logProbability, length: beginning.count + 1)
        } else if beginning.count + 1 == lengthMax {
          add(beginning + [token], logProbability, length: lengthMax)
        } else {
          pending.append((beginning + [token], logProbability))
        }
      }
    }
    return found.sorted { $0.score > $1.score }
  }

  @Test func aBeamAsWideAsTheTreeFindsTheBestOfAllAnswers() throws {
    for seed in 0..<20 as Range<UInt64> {
      let model = randomModel(seed, tokens: 4)
      // 3 tokens besides the end, 3 long: 27 live beginnings at most.
      let search = BeamSearch(width: 27, bestCount: 5, lengthPenalty: 0)
      let found = try run(search, model, tokens: 4, lengthMax: 3)
      let all = allAnswers(model, tokens: 4, lengthMax: 3, penalty: 0)
      #expect(found.map(\.tokens) == all.prefix(5).map(\.tokens), "seed \(seed)")
      for (hypothesis, answer) in zip(found, all) {
        #expect(abs(hypothesis.logProbability - answer.logProbability) < 1e-4)
        let sum = hypothesis.logProbabilities.reduce(0.0) { $0 + Double($1) }
        #expect(abs(sum - hypothesis.logProbability) < 1e-5)
      }
    }
  }

  @Test func theLengthPenaltyOrdersAnswersByTheirMean() throws {
    for seed in 0..<20 as Range<UInt64> {
      let model = randomModel(seed &+ 100, tokens: 3)
      let search = BeamSearch(width: 16, bestCount: 3, lengthPenalty: 1)
      let found = try run(search, model, tokens: 3, lengthMax: 4)
      let all = allAnswers(model, tokens: 3, lengthMax: 4, penalty: 1)
      #expect(found.map(\.tokens) == all.prefix(3).map(\.tokens), "seed \(seed)")
    }
  }

  @Test func widthOneIsGreedy() throws {
    for seed in 0..<20 as Range<UInt64> {
      let model = randomModel(seed, tokens: 6)
      var greedy: [Int] = []
      var isComplete = false
      while greedy.count < 8, !isComplete {
        let scores = model(greedy)
        let best = try #require(scores.indices.max { scores[$0] < scores[$1] })
        isComplete = best == Self.end
        if !isComplete { greedy.append(best) }
      }
      let found = try run(
        BeamSearch(width: 1, lengthPenalty: 0),
        model,
        tokens: 6,
        lengthMax: 8
      )
      #expect(found.map(\.tokens) == [greedy] && found[0].isComplete == isComplete)
    }
  }

  @Test func aBeamFindsWhatGreedyMisses() throws {
    // Token 1 is likelier at first, but everything behind token 2 is certain.
    let model: Model = { beginning in
      switch beginning {
      case []: [-9, log(0.6), log(0.4)]
      case [2]: [5, -9, -9]
      default: [0, 0, 0]
      }
    }
    let narrow = try run(BeamSearch(width: 1, lengthPenalty: 0), model, tokens: 3, lengthMax: 2)
    let wide = try run(BeamSearch(width: 2, lengthPenalty: 0), model, tokens: 3, lengthMax: 2)
    #expect(narrow[0].tokens.first == 1 && wide[0].tokens == [2] && wide[0].isComplete)
  }

  @Test func equalScoresAreOrderedByTokens() throws {
    let found = try run(
      BeamSearch(width: 4, bestCount: 4, lengthPenalty: 0),
      { _ in [-100, 0, 0, 0] },
      tokens: 4,
      lengthMax: 2
    )
    #expect(found.map(\.tokens) == [[1, 1], [1, 2], [1, 3], [2, 1]])
  }

  @Test(arguments: [
    BeamSearch(width: 0), BeamSearch(width: 33), BeamSearch(width: 4, bestCount: 5),
    BeamSearch(width: 2, bestCount: 0), BeamSearch(width: 2, lengthPenalty: -1),
    BeamSearch(width: 2, lengthPenalty: .nan),
  ])
  func absurdParametersAreRefused(search: BeamSearch) {
    #expect(throws: DecodingError.self) { try search.validate(rows: 64) }
  }
}

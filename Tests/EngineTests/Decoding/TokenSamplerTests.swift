import Foundation
import Tensors
import TestSupport
import Testing

@testable import Engine

@Suite struct TokenSamplerTests {
  private func sample(
    _ logits: [Float],
    _ sampling: Sampling,
    step: Int = 0
  ) throws -> TokenSampler.Choice {
    var sampler = TokenSampler(vocabularySize: logits.count)
    return try logits.withUnsafeBufferPointer { try sampler.sample($0, sampling, step: step) }
  }

  /// How often each token comes in `count` steps of one seed.
  private func counts(
    _ logits: [Float],
    _ sampling: Sampling,
    _ count: Int
  ) throws -> [Int] {
    var sampler = TokenSampler(vocabularySize: logits.count)
    var counts = [Int](repeating: 0, count: logits.count)
    for step in 0..<count {
      let choice = try logits.withUnsafeBufferPointer {
        try sampler.sample($0, sampling, step: step)
      }
      counts[choice.token] += 1
    }
    return counts
  }

  /// The probabilities by definition: sort everything, cut, normalise.
  private func expected(_ logits: [Float], _ sampling: Sampling) -> [Double] {
    let weights = logits.map { exp(Double($0) / Double(sampling.temperature)) }
    var order = weights.indices.sorted {
      weights[$0] != weights[$1] ? weights[$0] > weights[$1] : $0 < $1
    }
    if sampling.topK > 0 { order = Array(order.prefix(sampling.topK)) }
    let total = order.reduce(0) { $0 + weights[$1] }
    var kept: [Int] = []
    var sum = 0.0
    for token in order {
      kept.append(token)
      sum += weights[token]
      if sampling.topP < 1, sum >= Double(sampling.topP) * total { break }
    }
    var result = [Double](repeating: 0, count: logits.count)
    for token in kept { result[token] = weights[token] / sum }
    return result
  }

  @Test(arguments: [
    Sampling(temperature: 1, seed: 1),
    Sampling(temperature: 0.5, seed: 2),
    Sampling(temperature: 2.5, seed: 3),
    Sampling(temperature: 1, topK: 5, seed: 4),
    Sampling(temperature: 0.7, topK: 12, seed: 5),
    Sampling(temperature: 1, topP: 0.6, seed: 6),
    Sampling(temperature: 1.3, topP: 0.95, seed: 7),
    Sampling(temperature: 0.9, topK: 8, topP: 0.7, seed: 8),
    Sampling(temperature: 1, topK: 3, topP: 0.05, seed: 9),
  ])
  func tokensComeAsOftenAsTheirProbabilitySays(sampling: Sampling) throws {
    let logits = Tensor.random([20], seed: 77, in: -1.5...1.5).elements(of: Float.self)
    let count = 20_000
    let found = try counts(logits, sampling, count)
    let expected = expected(logits, sampling)
    var chiSquare = 0.0
    var freedom = -1
    for (token, share) in expected.enumerated() {
      guard share > 0 else {
        #expect(found[token] == 0, "token \(token) was cut off")
        continue
      }
      let mean = share * Double(count)
      #expect(mean > 5)
      chiSquare += pow(Double(found[token]) - mean, 2) / mean
      freedom += 1
    }
    // A right sampler is above this for one seed in about ten thousand; seeds are fixed.
    #expect(chiSquare <= Double(freedom) + 4 * sqrt(2 * Double(max(freedom, 1))) + 6)
  }

  @Test func aCutKeepsExactlyTheTokensItSays() throws {
    // Probabilities 0.4, 0.3, 0.2, 0.1 in another order.
    let logits = [0.2, 0.4, 0.1, 0.3].map { Float(log($0)) }
    func tokens(_ sampling: Sampling) throws -> Set<Int> {
      Set(try counts(logits, sampling, 2_000).enumerated().filter { $0.element > 0 }.map(\.offset))
    }
    #expect(try tokens(Sampling(temperature: 1)) == [0, 1, 2, 3])
    #expect(try tokens(Sampling(temperature: 1, topK: 1)) == [1])
    #expect(try tokens(Sampling(temperature: 1, topK: 3)) == [0, 1, 3])
    #expect(try tokens(Sampling(temperature: 1, topK: 9)) == [0, 1, 2, 3])
    #expect(try tokens(Sampling(temperature: 1, topP: 0.39)) == [1])
    #expect(try tokens(Sampling(temperature: 1, topP: 0.65)) == [1, 3])
    #expect(try tokens(Sampling(temperature: 1, topP: 0.75)) == [0, 1, 3])
    #expect(try tokens(Sampling(temperature: 1, topP: 0.95)) == [0, 1, 2, 3])
    // 0.4 of the first two's 0.7 is more than half of them.
    #expect(try tokens(Sampling(temperature: 1, topK: 2, topP: 0.5)) == [1])
  }

  @Test func temperatureZeroTakesTheFirstOfTheHighest() throws {
    #expect(try sample([1, 5, 5, 2], Sampling()).token == 1)
    #expect(try sample([-3, -1, -2], Sampling(topK: 2, topP: 0.1, seed: 5)).token == 1)
  }

  @Test func aVeryLowTemperatureIsAlmostGreedyAndAHighOneAlmostFlat() throws {
    let logits: [Float] = [1, 1.5, 0.5, -2]
    #expect(try counts(logits, Sampling(temperature: 1e-6), 100) == [0, 100, 0, 0])
    let flat = try counts(logits, Sampling(temperature: 100, seed: 1), 4_000)
    #expect(flat.allSatisfy { (900...1_100).contains($0) })
  }

  @Test func logProbabilitiesAreThoseOfTheModelWhateverTheSampling() throws {
    let logits: [Float] = [0.5, -1, 2, 0]
    let total = logits.reduce(0) { $0 + exp(Double($1)) }
    for sampling in [
      Sampling(), Sampling(temperature: 3, seed: 1), Sampling(temperature: 0.5, topK: 2, seed: 2),
      Sampling(temperature: 2, topP: 0.5, seed: 3),
    ] {
      for step in 0..<20 {
        let choice = try sample(logits, sampling, step: step)
        let expected = Double(logits[choice.token]) - log(total)
        #expect(abs(Double(choice.logProbability) - expected) < 1e-5)
      }
    }
  }

  @Test func aTokenOfMinusInfinityNeverComes() throws {
    let logits: [Float] = [-.infinity, 0, -.infinity, 1]
    for sampling in [
      Sampling(temperature: 5), Sampling(temperature: 5, topK: 4),
      Sampling(temperature: 5, topP: 0.999),
    ] {
      let found = try counts(logits, sampling, 500)
      #expect(found[0] == 0 && found[2] == 0 && found[1] > 0 && found[3] > 0)
    }
  }

  @Test(arguments: [
    [Float.nan, 1, 2], [1, .nan, 2], [1, .infinity, 2], [-.infinity, -.infinity, -.infinity],
  ])
  func scoresThatAreNoNumbersAreAnError(logits: [Float]) {
    #expect(throws: DecodingError.notFinite(step: 4)) {
      try sample(logits, Sampling(temperature: 1), step: 4)
    }
  }

  @Test func aStepsRandomNumberDependsOnSeedAndStepAlone() {
    #expect(TokenSampler.uniform(seed: 3, step: 5) == TokenSampler.uniform(seed: 3, step: 5))
    let numbers = (0..<1000).map { TokenSampler.uniform(seed: 3, step: $0) }
    #expect(Set(numbers).count == 1000 && numbers.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(numbers.reduce(0, +) / 1000 - 0.5) < 0.03)
    #expect(numbers != (0..<1000).map { TokenSampler.uniform(seed: 4, step: $0) })
  }

  @Test(arguments: [
    Sampling(temperature: -1), Sampling(temperature: .nan), Sampling(temperature: 101),
    Sampling(topK: -1), Sampling(topP: 0), Sampling(topP: 1.01), Sampling(topP: .nan),
  ])
  func absurdParametersAreRefused(sampling: Sampling) {
    #expect(throws: DecodingError.self) { try sampling.validate() }
  }
}

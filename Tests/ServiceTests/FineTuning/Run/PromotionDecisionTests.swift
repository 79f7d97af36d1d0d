import Datasets
import Tensors
import Testing

@testable import Service

@Suite struct PromotionDecisionTests {
  static func specification(
    _ promote: FineTuningSpecification.Promotion = .ifBetter,
    _ metric: FineTuningSpecification.Metric = .accuracy,
    minimumChange: Double = 0,
    bound: Double? = nil
  ) -> FineTuningSpecification {
    FineTuningSpecification(
      model: "m",
      baseVersion: 1,
      trainingFile: "file-x",
      validationSplit: 0.1,
      objective: .classification,
      head: .keep,
      freeze: [],
      hyperparameters: FineTuningHyperparameters(),
      seed: 1,
      gate: .init(metric: metric, minimumChange: minimumChange, bound: bound),
      promote: promote,
      alias: "stable",
      metadata: [:]
    )
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var gate = PromotionDecisionTests.specification()
    var metrics: [String: Double]?
    var baseline: [String: Double]?
    var chance: Double?
    var promotes: Bool
    var testDescription: String {
      "\(gate.promote) \(gate.gate) \(metrics ?? [:]) \(baseline ?? [:]) \(chance ?? 0)"
    }
  }

  static let cases = [
    // Words that do not look at the numbers.
    Case(gate: specification(.always), promotes: true),
    Case(
      gate: specification(.never),
      metrics: ["accuracy": 1],
      baseline: ["accuracy": 0],
      promotes: false
    ),
    // Better, equal, worse; more is better for an accuracy, less for a loss.
    Case(metrics: ["accuracy": 0.9], baseline: ["accuracy": 0.8], promotes: true),
    Case(metrics: ["accuracy": 0.8], baseline: ["accuracy": 0.8], promotes: false),
    Case(metrics: ["accuracy": 0.7], baseline: ["accuracy": 0.8], promotes: false),
    Case(
      gate: specification(.ifBetter, .loss),
      metrics: ["loss": 0.1],
      baseline: ["loss": 0.2],
      promotes: true
    ),
    Case(
      gate: specification(.ifBetter, .loss),
      metrics: ["loss": 0.3],
      baseline: ["loss": 0.2],
      promotes: false
    ),
    // By how much.
    Case(
      gate: specification(minimumChange: 0.25),
      metrics: ["accuracy": 0.75],
      baseline: ["accuracy": 0.5],
      promotes: true
    ),
    Case(
      gate: specification(minimumChange: 0.25),
      metrics: ["accuracy": 0.7],
      baseline: ["accuracy": 0.5],
      promotes: false
    ),
    // The bound, whatever the present version has.
    Case(
      gate: specification(bound: 0.95),
      metrics: ["accuracy": 0.9],
      baseline: ["accuracy": 0.5],
      promotes: false
    ),
    Case(
      gate: specification(bound: 0.9),
      metrics: ["accuracy": 0.9],
      baseline: ["accuracy": 0.5],
      promotes: true
    ),
    Case(
      gate: specification(.ifBetter, .loss, bound: 0.5),
      metrics: ["loss": 0.6],
      baseline: ["loss": 0.9],
      promotes: false
    ),
    Case(gate: specification(bound: 0.9), metrics: ["accuracy": 0.9], promotes: true),
    // Other labels: chance is to be beaten, and not only reached.
    Case(metrics: ["accuracy": 0.6], chance: 0.5, promotes: true),
    Case(metrics: ["accuracy": 0.5], chance: 0.5, promotes: false),
    Case(
      gate: specification(.ifBetter, .loss),
      metrics: ["loss": 0.6],
      chance: 0.7,
      promotes: true
    ),
    // Nothing to compare.
    Case(metrics: ["accuracy": 1], promotes: false),
    Case(baseline: ["accuracy": 0.1], promotes: false),
    Case(metrics: ["loss": 0.1], baseline: ["accuracy": 0.1], promotes: false),
    // What is no number passes no gate.
    Case(
      gate: specification(.ifBetter, .loss, bound: 1),
      metrics: ["loss": .nan],
      promotes: false
    ),
    Case(metrics: ["accuracy": 0.9], baseline: ["accuracy": .nan], promotes: false),
  ]

  @Test(arguments: cases)
  func gates(_ item: Case) throws {
    let decision = PromotionDecision(
      item.gate,
      metrics: item.metrics,
      baseline: item.baseline,
      baselineVersion: 3,
      chance: item.chance
    )
    #expect(decision.promotes == item.promotes, "\(decision.reason)")
    #expect(!decision.reason.isEmpty)
    // It can be kept in a mark.
    let result = FineTuningResult(
      version: 2,
      isPromoted: true,
      steps: 1,
      bestEpoch: nil,
      decision: decision
    )
    #expect(try FineTuningResult(json: result.json()) == result)
  }

  @Test func chanceIsTheMostFrequentClassAndTheEntropyOfTheShares() throws {
    let labels = Tensor(vector: [0, 0, 0, 1] as [Int64])
    let data = Dataset(features: Tensor([Float](repeating: 0, count: 4), [4, 1]), labels: labels)
    func chance(_ metric: FineTuningSpecification.Metric, classes: Int = 3) -> Double? {
      PromotionDecision.chance(of: data, classCount: classes, metric: metric)
    }
    #expect(chance(.accuracy) == 0.75)
    let loss = try #require(chance(.loss))
    #expect(abs(loss - 0.5623351446) < 1e-9)
    #expect(chance(.meanAbsoluteError) == nil)
    let values = Dataset(features: data.features, labels: Tensor([1, 2, 3, 4] as [Float], [4, 1]))
    #expect(PromotionDecision.chance(of: values, classCount: 1, metric: .loss) == nil)
  }
}

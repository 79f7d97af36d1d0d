import Reinforcement
import Testing

/// The three-state process of Geron's Hands-On Machine Learning, chapter "Reinforcement Learning".
///
/// Not every state allows every action: state 1 has actions 0 and 2, state 2 has action 1 alone.
enum ThreeStateProcess {
  static func make() throws -> MarkovDecisionProcess {
    try MarkovDecisionProcess(
      stateCount: 3,
      actionCount: 3,
      outcomes: [
        [
          .init(probability: 0.7, next: 0, reward: 10),
          .init(probability: 0.3, next: 1, reward: 0),
        ],
        [.init(probability: 1, next: 0, reward: 0)],
        [.init(probability: 0.8, next: 0, reward: 0), .init(probability: 0.2, next: 1, reward: 0)],
        [.init(probability: 1, next: 1, reward: 0)],
        [],
        [.init(probability: 1, next: 2, reward: -50)],
        [],
        [
          .init(probability: 0.8, next: 0, reward: 40),
          .init(probability: 0.1, next: 1, reward: 0),
          .init(probability: 0.1, next: 2, reward: 0),
        ],
        [],
      ]
    )
  }

  /// Optimal action values and policy; the numbers are those of Fixtures/make_three_state_process.py.
  struct Answer: Sendable, CustomTestStringConvertible {
    var discount: Double
    var actionValues: [Double]
    var policy: [Int?]
    var testDescription: String { "discount \(discount)" }
  }

  static let answers = [
    Answer(
      discount: 0.9,
      actionValues: [
        18.918918918919, 17.027027027027, 13.621621621622,
        0, -.infinity, -4.879714879715,
        -.infinity, 50.133650133650, -.infinity,
      ],
      policy: [0, 0, 1]
    ),
    Answer(
      discount: 0.95,
      actionValues: [
        21.899250051175, 20.804287548616, 16.867595883656,
        1.120829223812, -.infinity, 1.179820235592,
        -.infinity, 53.873494984833, -.infinity,
      ],
      policy: [0, 2, 1]
    ),
  ]
}

extension [Double] {
  /// The greatest distance of two numbers at one place; infinite where only one of them is.
  func distance(to other: [Double]) -> Double {
    zip(self, other).reduce(count == other.count ? 0 : .infinity) { greatest, pair in
      pair.0 == pair.1 ? greatest : Swift.max(greatest, abs(pair.0 - pair.1))
    }
  }
}

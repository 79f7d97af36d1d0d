import Foundation
import Reinforcement
import Storage
import Tensors
import Testing

/// Arrays that Fixtures/make_gymnasium_fixtures.py wrote for one environment.
struct GymnasiumFixture {
  private let environment: String
  private let arrays: [String: Tensor]

  init(_ environment: String) throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/gymnasium.npz")
    self.environment = environment
    arrays = Dictionary(
      uniqueKeysWithValues: try NPZ.read([UInt8](try Data(contentsOf: url))).map {
        ($0.name, $0.tensor)
      }
    )
  }

  func callAsFunction<Element: TensorElement>(
    _ part: String,
    as type: Element.Type = Element.self
  ) throws -> [Element] {
    try #require(arrays["\(environment).\(part)"]).elements()
  }

  /// Plays the recorded actions, resetting where Gymnasium was reset, and compares everything after each step.
  ///
  /// - Returns: The first difference, in words.
  func firstDifference<Played: Environment>(
    _ environment: inout Played,
    tolerance: Double,
    state: (Played) -> [Double]
  ) throws -> String? {
    let actions = try self("actions", as: UInt8.self)
    let states = try self("states", as: Float.self)
    let rewards = try self("rewards", as: Float.self)
    let flags = try self("flags", as: UInt8.self)
    let seeds = try self("seeds", as: Int64.self)
    let starts = try self("starts", as: Float.self)
    let width = states.count / actions.count
    var episode = 0
    func differs(_ expected: ArraySlice<Float>, at place: String) -> String? {
      let own = state(environment)
      guard zip(own, expected).contains(where: { abs($0 - Double($1)) > tolerance }) else {
        return nil
      }
      return "\(place): state \(own), Gymnasium's \(Array(expected))"
    }
    var isOver = true
    for step in actions.indices {
      // The script leaves the last random episode for a guided one after 10,000 steps.
      if isOver || (step == Self.randomStepCount && episode < seeds.count) {
        environment.reset(seed: seeds[episode] < 0 ? nil : UInt64(seeds[episode]))
        let start = starts[(episode * width)..<((episode + 1) * width)]
        if let difference = differs(start, at: "start of episode \(episode)") { return difference }
        episode += 1
      }
      let result = environment.step(Int(actions[step]))
      let flag: UInt8 = (result.isTerminated ? 1 : 0) + (result.isTruncated ? 2 : 0)
      guard Float(result.reward) == rewards[step], flag == flags[step] else {
        return
          "step \(step): \(result), Gymnasium's reward \(rewards[step]) and flags \(flags[step])"
      }
      let expected = states[(step * width)..<((step + 1) * width)]
      if let difference = differs(expected, at: "step \(step)") { return difference }
      isOver = result.isEnd
    }
    return episode == seeds.count ? nil : "\(episode) episodes, Gymnasium's \(seeds.count)"
  }

  private static let randomStepCount = 10_000
}

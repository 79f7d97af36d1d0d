/// What a number of transitions say together.
struct TransitionStatistics: Sendable, Equatable {
  private(set) var count = 0
  private(set) var rewardSum = 0.0
  private(set) var terminatedCount = 0
  private(set) var truncatedCount = 0
  /// Transitions after which the episode was over, by the rules or because it was cut.
  private(set) var episodeCount = 0
  /// How often each action was done, by its position.
  private(set) var actionCounts: [Int: Int] = [:]

  /// Adds transitions.
  mutating func add(_ batch: TransitionBatch) {
    count += batch.count
    for row in 0..<batch.count {
      rewardSum += Double(batch.rewards[row])
      if batch.ends[row].contains(.terminated) { terminatedCount += 1 }
      if batch.ends[row].contains(.truncated) { truncatedCount += 1 }
      if !batch.ends[row].isEmpty { episodeCount += 1 }
      actionCounts[Int(batch.actions[row]), default: 0] += 1
    }
  }

  /// Adds what others say.
  mutating func add(_ other: TransitionStatistics) {
    count += other.count
    rewardSum += other.rewardSum
    terminatedCount += other.terminatedCount
    truncatedCount += other.truncatedCount
    episodeCount += other.episodeCount
    actionCounts.merge(other.actionCounts, uniquingKeysWith: +)
  }

  /// nil where there are none.
  var meanReward: Double? { count > 0 ? rewardSum / Double(count) : nil }

  /// Rewards per ended episode: the mean return of clients that send whole episodes; nil where none has ended.
  var meanReturn: Double? { episodeCount > 0 ? rewardSum / Double(episodeCount) : nil }
}

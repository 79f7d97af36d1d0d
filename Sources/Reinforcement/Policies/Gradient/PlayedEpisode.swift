/// What an agent saw, did and got in one episode.
struct PlayedEpisode {
  /// One row for each step, before the action.
  var observations: [Float] = []
  var actions: [Int64] = []
  var rewards: [Double] = []

  var stepCount: Int { actions.count }
  /// The sum of rewards.
  var total: Double { rewards.reduce(0, +) }

  /// G_t = r_t + discount G_(t+1) of every step (Sutton & Barto 2018, equation 3.9); nothing is added after the last, cut or ended.
  func returns(discount: Double) -> [Float] {
    var result = [Float](repeating: 0, count: rewards.count)
    var sum = 0.0
    for step in rewards.indices.reversed() {
      sum = rewards[step] + discount * sum
      result[step] = Float(sum)
    }
    return result
  }
}

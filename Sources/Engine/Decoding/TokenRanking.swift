/// The best tokens of a row of scores, found without sorting the row.
///
/// Better is a higher score, and of equal scores the lower token number, so that every order is total and the same everywhere.
struct TokenRanking {
  private var heap: [Entry] = []

  /// A token with its score.
  struct Entry: Equatable {
    var score: Float
    var token: Int

    /// Whether this one comes first.
    func isBetter(than other: Entry) -> Bool {
      score > other.score || score == other.score && token < other.token
    }
  }

  /// The `count` best tokens, best first: O(V log count) at worst, O(V) for scores in random order.
  ///
  /// Scores are no NaN.
  mutating func best(_ count: Int, of scores: UnsafeBufferPointer<Float>) -> [Entry] {
    heap.removeAll(keepingCapacity: true)
    let count = min(count, scores.count)
    guard count > 0 else { return [] }
    for token in 0..<count { heap.append(Entry(score: scores[token], token: token)) }
    // The root is the worst of the best so far.
    for index in stride(from: count / 2 - 1, through: 0, by: -1) { sift(index) }
    for token in count..<scores.count where scores[token] > heap[0].score {
      // An equal score with a higher number is not better.
      heap[0] = Entry(score: scores[token], token: token)
      sift(0)
    }
    return heap.sorted { $0.isBetter(than: $1) }
  }

  /// Brings the entry to where no worse one is below it.
  private mutating func sift(_ start: Int) {
    var index = start
    while true {
      var worst = index
      for child in [2 * index + 1, 2 * index + 2]
      where child < heap.count && heap[worst].isBetter(than: heap[child]) {
        worst = child
      }
      if worst == index { return }
      heap.swapAt(index, worst)
      index = worst
    }
  }
}

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
    heapify { $1.isBetter(than: $0) }
    for token in count..<scores.count where scores[token] > heap[0].score {
      // An equal score with a higher number is not better.
      heap[0] = Entry(score: scores[token], token: token)
      sift(0, heap.count) { $1.isBetter(than: $0) }
    }
    return heap.sorted { $0.isBetter(than: $1) }
  }

  /// The best tokens, best first, until `isEnough` says so after one: O(V + count log V).
  ///
  /// Tokens with a score below `floor` are left out.
  mutating func best(
    of scores: UnsafeBufferPointer<Float>,
    floor: Float,
    until isEnough: (Entry) -> Bool
  ) -> [Entry] {
    heap.removeAll(keepingCapacity: true)
    for token in scores.indices where scores[token] >= floor {
      heap.append(Entry(score: scores[token], token: token))
    }
    heapify { $0.isBetter(than: $1) }
    var result: [Entry] = []
    while let first = heap.first {
      result.append(first)
      if isEnough(first) { break }
      heap[0] = heap[heap.count - 1]
      heap.removeLast()
      sift(0, heap.count) { $0.isBetter(than: $1) }
    }
    return result
  }

  private mutating func heapify(_ isAbove: (Entry, Entry) -> Bool) {
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) {
      sift(index, heap.count, isAbove)
    }
  }

  private mutating func sift(_ start: Int, _ count: Int, _ isAbove: (Entry, Entry) -> Bool) {
    var index = start
    while true {
      var above = index
      for child in [2 * index + 1, 2 * index + 2]
      where child < count && isAbove(heap[child], heap[above]) {
        above = child
      }
      if above == index { return }
      heap.swapAt(index, above)
      index = above
    }
  }
}

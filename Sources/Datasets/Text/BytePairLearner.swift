/// Learns byte pairs: joins the most frequent pair of neighbours again and again.
///
/// Of equally frequent pairs the one with the lower ids is joined, so that equal texts give equal merges in whatever order they come.
/// Counts are kept up to date word by word: each merge touches only the words that hold its pair.
struct BytePairLearner {
  private typealias Pair = BytePairTable.Pair

  /// Distinct pieces as ids, with how often each occurs.
  private var pieces: [[Int]] = []
  private var pieceCounts: [Int] = []
  private var pairCounts: [Pair: Int] = [:]
  /// Pieces that hold the pair, or held it once.
  private var places: [Pair: Set<Int>] = [:]
  private var queue = PairQueue()

  init(_ texts: some Sequence<String>) {
    var counts: [ArraySlice<UInt8>: Int] = [:]
    for text in texts {
      for piece in BytePieces(Array(text.utf8)) where piece.count > 1 {
        counts[piece, default: 0] += 1
      }
    }
    for (piece, count) in counts {
      let ids = piece.map { BytePairTable.firstByte + Int($0) }
      for pair in zip(ids, ids.dropFirst()).map(Pair.init) {
        pairCounts[pair, default: 0] += count
        places[pair, default: []].insert(pieces.count)
      }
      pieces.append(ids)
      pieceCounts.append(count)
    }
    for (pair, count) in pairCounts { queue.push(PairQueue.Entry(count: count, pair: pair)) }
  }

  /// At most `count` merges, each of a pair that occurs `minimumCount` times.
  mutating func merges(count: Int, minimumCount: Int) -> [BytePairTable.Pair] {
    var merges: [Pair] = []
    while merges.count < count, let entry = queue.pop() {
      let present = pairCounts[entry.pair] ?? 0
      guard present == entry.count else {
        // Its places became fewer since it was queued.
        if present > 0 { queue.push(PairQueue.Entry(count: present, pair: entry.pair)) }
        continue
      }
      guard present >= minimumCount else { break }
      join(entry.pair, BytePairTable.firstMerge + merges.count)
      merges.append(entry.pair)
    }
    return merges
  }

  private mutating func join(_ pair: Pair, _ id: Int) {
    var changed: Set<Pair> = []
    for index in places.removeValue(forKey: pair) ?? [] {
      let old = pieces[index]
      let new = BytePairTable.join(pair, id, in: old)
      guard new.count < old.count else { continue }
      let count = pieceCounts[index]
      for neighbours in zip(old, old.dropFirst()).map(Pair.init) {
        pairCounts[neighbours, default: 0] -= count
      }
      for neighbours in zip(new, new.dropFirst()).map(Pair.init) {
        pairCounts[neighbours, default: 0] += count
        if neighbours.left == id || neighbours.right == id {
          places[neighbours, default: []].insert(index)
          changed.insert(neighbours)
        }
      }
      pieces[index] = new
    }
    pairCounts[pair] = nil
    for neighbours in changed {
      queue.push(PairQueue.Entry(count: pairCounts[neighbours] ?? 0, pair: neighbours))
    }
  }
}

extension Vocabulary {
  /// Byte pairs learned from texts.
  ///
  /// - Parameters:
  ///   - texts: what to count.
  ///   - countMax: tokens, the special ones and the 256 bytes included.
  ///   - minimumCount: how often a pair must occur to be joined.
  /// - Returns: a vocabulary of kind `bytePairs`.
  package static func bytePairs(
    in texts: some Sequence<String>,
    countMax: Int,
    minimumCount: Int = 2
  ) -> Vocabulary {
    var learner = BytePairLearner(texts)
    let room = max(0, min(countMax, tokenCountMax) - BytePairTable.firstMerge)
    let merges = learner.merges(count: room, minimumCount: max(minimumCount, 1))
    return Vocabulary(.bytePairs(BytePairTable(merges)))
  }
}

/// Pairs by count, the most frequent first: a binary heap.
private struct PairQueue {
  struct Entry {
    let count: Int
    let pair: BytePairTable.Pair

    func precedes(_ other: Entry) -> Bool {
      if count != other.count { return count > other.count }
      if pair.left != other.pair.left { return pair.left < other.pair.left }
      return pair.right < other.pair.right
    }
  }

  private var entries: [Entry] = []

  mutating func push(_ entry: Entry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0, entries[child].precedes(entries[(child - 1) / 2]) {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> Entry? {
    guard let first = entries.first, let last = entries.popLast() else { return nil }
    guard !entries.isEmpty else { return first }
    entries[0] = last
    var parent = 0
    while true {
      var best = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
        if entries[child].precedes(entries[best]) { best = child }
      }
      guard best != parent else { return first }
      entries.swapAt(parent, best)
      parent = best
    }
  }
}

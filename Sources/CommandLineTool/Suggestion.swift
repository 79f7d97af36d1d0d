/// "Did you mean ...?" for a mistyped word.
package enum Suggestion {
  /// `; did you mean 'serve'?` for the nearest known word, or nothing where none is near.
  package static func text(for word: String, among known: [String]) -> String {
    let ranked = known.map { (word: $0, distance: distance(word, $0)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }),
      best.distance <= max(1, best.word.utf8.count / 3)
    else { return "" }
    return "; did you mean '\(best.word)'?"
  }

  /// How many letters must be inserted, removed, replaced or swapped with their neighbour.
  static func distance(_ left: String, _ right: String) -> Int {
    let a = Array(left.utf8.prefix(64))
    let b = Array(right.utf8.prefix(64))
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for row in 1..<(a.count + 1) {
      var current = [row]
      for column in 1..<(b.count + 1) {
        let isEqual = a[row - 1] == b[column - 1]
        var cost = min(
          last[column] + 1,
          current[column - 1] + 1,
          last[column - 1] + (isEqual ? 0 : 1)
        )
        if row > 1, column > 1, a[row - 1] == b[column - 2], a[row - 2] == b[column - 1] {
          cost = min(cost, beforeLast[column - 2] + 1)
        }
        current.append(cost)
      }
      beforeLast = last
      last = current
    }
    return last[b.count]
  }
}

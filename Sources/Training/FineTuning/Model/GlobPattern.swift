/// A pattern for names: `*` stands for any characters, also none, and `?` for one; everything else, `/` too, for itself.
struct GlobPattern {
  private let pattern: [Character]

  init(_ pattern: String) { self.pattern = Array(pattern) }

  /// True where the pattern stands for the whole name; linear in the product of both lengths at worst.
  func matches(_ name: String) -> Bool {
    let characters = Array(name)
    var position = 0
    var next = 0
    // Where to go on when the characters after the last star do not fit: the star takes one more.
    var retry: (position: Int, next: Int)?
    while position < characters.count {
      if next < pattern.count, pattern[next] == "*" {
        retry = (position, next)
        next += 1
      } else if next < pattern.count,
        pattern[next] == "?" || pattern[next] == characters[position]
      {
        position += 1
        next += 1
      } else if let last = retry {
        retry = (last.position + 1, last.next)
        position = last.position + 1
        next = last.next + 1
      } else {
        return false
      }
    }
    return pattern[next...].allSatisfy { $0 == "*" }
  }
}

/// Words as tokens.
///
/// Words are found by canonical equivalence, as Swift compares strings: an accent may come as one scalar or as two.
struct WordTable: Sendable {
  let rule: WordRule
  /// By id, from `Vocabulary.specialCount` up.
  let words: [String]
  /// The positions of all words, ordered by them; of equal words the first one first.
  private let byWord: [Int32]

  /// Where a word comes twice, its first id counts.
  init(_ rule: WordRule, _ words: [String]) {
    self.rule = rule
    self.words = words
    byWord = words.indices.sorted { (words[$0], $0) < (words[$1], $1) }.map(Int32.init)
  }

  /// The id of a word; where it comes twice, the first one.
  private func id(of word: String) -> Int? {
    let place = byWord.firstIndex(orderedBy: { words[Int($0)] < word })
    guard place < byWord.count, words[Int(byWord[place])] == word else { return nil }
    return Vocabulary.specialCount + Int(byWord[place])
  }

  func encode(_ text: String) -> EncodedText {
    var result = EncodedText(ids: [], unknown: [])
    for piece in rule.pieces(of: text) {
      let id = self.id(of: rule.normalised(piece.text)) ?? Vocabulary.unknown
      if id == Vocabulary.unknown {
        result.unknown.append(
          EncodedText.Unknown(position: result.ids.count, offset: piece.offset, text: piece.text)
        )
      }
      result.ids.append(id)
    }
    return result
  }
}

extension WordTable: Equatable {
  /// Byte by byte, unlike Swift's strings: equal tables write equal files.
  static func == (left: WordTable, right: WordTable) -> Bool {
    left.rule == right.rule
      && left.words.elementsEqual(right.words) { $0.utf8.elementsEqual($1.utf8) }
  }
}

extension Vocabulary {
  /// The most frequent words of some texts, the most frequent first, of equally frequent ones the lower in bytes.
  ///
  /// - Parameters:
  ///   - texts: what to count.
  ///   - rule: how they are cut.
  ///   - countMax: tokens, the special ones included.
  ///   - minimumCount: rarer words stay out, and so do those of more than `tokenByteCountMax` bytes.
  /// - Returns: a vocabulary of kind `words`.
  package static func words(
    in texts: some Sequence<String>,
    rule: WordRule,
    countMax: Int = tokenCountMax,
    minimumCount: Int = 1
  ) -> Vocabulary {
    var counts: [String: Int] = [:]
    for text in texts {
      for piece in rule.pieces(of: text) { counts[rule.normalised(piece.text), default: 0] += 1 }
    }
    let ranked = counts.filter {
      $0.value >= minimumCount && $0.key.utf8.count <= tokenByteCountMax
    }.sorted { left, right in
      left.value == right.value
        ? left.key.utf8.lexicographicallyPrecedes(right.key.utf8) : left.value > right.value
    }
    let room = max(0, min(countMax, tokenCountMax) - specialCount)
    return Vocabulary(.words(WordTable(rule, ranked.prefix(room).map(\.key))))
  }
}

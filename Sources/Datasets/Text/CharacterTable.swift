/// Unicode scalars as tokens.
struct CharacterTable: Sendable, Equatable {
  /// By id, from `Vocabulary.specialCount` up.
  let scalars: [Unicode.Scalar]
  private let ids: [Unicode.Scalar: Int]

  /// Where a scalar comes twice, its first id counts.
  init(_ scalars: [Unicode.Scalar]) {
    self.scalars = scalars
    ids = Dictionary(
      scalars.enumerated().map { ($1, Vocabulary.specialCount + $0) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  func encode(_ text: String) -> EncodedText {
    var result = EncodedText(ids: [], unknown: [])
    var offset = 0
    for scalar in text.unicodeScalars {
      let id = ids[scalar] ?? Vocabulary.unknown
      if id == Vocabulary.unknown {
        result.unknown.append(
          EncodedText.Unknown(position: result.ids.count, offset: offset, text: String(scalar))
        )
      }
      result.ids.append(id)
      offset += UTF8.width(scalar)
    }
    return result
  }
}

extension Vocabulary {
  /// The most frequent Unicode scalars of some texts, numbered in the order of their code points.
  ///
  /// - Parameters:
  ///   - texts: what to count.
  ///   - countMax: tokens, the special ones included; of equally frequent scalars the lower ones stay.
  ///   - minimumCount: rarer scalars stay out.
  /// - Returns: a vocabulary of kind `characters`.
  package static func characters(
    in texts: some Sequence<String>,
    countMax: Int = tokenCountMax,
    minimumCount: Int = 1
  ) -> Vocabulary {
    var counts: [Unicode.Scalar: Int] = [:]
    for text in texts {
      for scalar in text.unicodeScalars { counts[scalar, default: 0] += 1 }
    }
    let ranked = counts.filter { $0.value >= minimumCount }.sorted { left, right in
      left.value == right.value ? left.key < right.key : left.value > right.value
    }
    let room = max(0, min(countMax, tokenCountMax) - specialCount)
    return characters(ranked.prefix(room).map(\.key).sorted())
  }

  /// The given Unicode scalars, in that order; one that comes again is left out.
  package static func characters(_ scalars: some Sequence<Unicode.Scalar>) -> Vocabulary {
    var seen: Set<Unicode.Scalar> = []
    let distinct = scalars.filter { seen.insert($0).inserted }
    return Vocabulary(
      .characters(CharacterTable(Array(distinct.prefix(tokenCountMax - specialCount))))
    )
  }
}

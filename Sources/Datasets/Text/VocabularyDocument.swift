/// The JSON of a vocabulary's file.
///
///     {"format": 1, "kind": "characters", "special": {"padding": 0, "unknown": 1, "start": 2, "end": 3}, "tokens": ["a", "b"]}
///     {"format": 1, "kind": "words", "special": {...}, "tokens": ["the", "."],
///      "words": {"lower_case": true, "split_punctuation": true, "digits": "keep"}}
///     {"format": 1, "kind": "byte-pairs", "special": {...}, "merges": [[36, 105], [260, 36]]}
///
/// `tokens` are the texts of the ids 4, 5, and so on. Of byte pairs the ids 4 to 259 are the bytes 0 to 255, and merge `k` joins two
/// ids below 260 + k to id 260 + k.
struct VocabularyDocument: Codable {
  struct Special: Codable, Equatable {
    let padding: Int
    let unknown: Int
    let start: Int
    let end: Int

    enum CodingKeys: String, CodingKey, CaseIterable { case padding, unknown, start, end }

    static let fixed = Special(
      padding: Vocabulary.padding,
      unknown: Vocabulary.unknown,
      start: Vocabulary.start,
      end: Vocabulary.end
    )
  }

  struct Words: Codable {
    let lowerCase: Bool
    let splitPunctuation: Bool
    let digits: String

    enum CodingKeys: String, CodingKey, CaseIterable {
      case lowerCase = "lower_case"
      case splitPunctuation = "split_punctuation"
      case digits
    }
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case format, kind, special, tokens, words, merges
  }

  let format: Int
  let kind: String
  let special: Special
  let tokens: [String]?
  let words: Words?
  let merges: [[Int]]?

  init(_ vocabulary: Vocabulary) {
    format = Vocabulary.formatVersion
    kind = vocabulary.kind.rawValue
    special = .fixed
    switch vocabulary.table {
    case .characters(let table):
      tokens = table.scalars.map { String($0) }
      words = nil
      merges = nil
    case .words(let table):
      tokens = table.words
      words = Words(
        lowerCase: table.rule.isLowerCased,
        splitPunctuation: table.rule.splitsPunctuation,
        digits: table.rule.digits.rawValue
      )
      merges = nil
    case .bytePairs(let table):
      tokens = nil
      words = nil
      merges = table.merges.map { [$0.left, $0.right] }
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    format = try container.decode(Int.self, forKey: .format)
    // Another format may have other keys: say so rather than name one of them.
    guard format == Vocabulary.formatVersion else {
      throw DecodingError.dataCorruptedError(
        forKey: .format,
        in: container,
        debugDescription: "is \(format); this program reads \(Vocabulary.formatVersion)"
      )
    }
    try Self.refuseUnknownKeys(
      decoder.container(keyedBy: AnyKey.self),
      CodingKeys.allCases.map(\.rawValue)
    )
    try Self.refuseUnknownKeys(
      container.nestedContainer(keyedBy: AnyKey.self, forKey: .special),
      Special.CodingKeys.allCases.map(\.rawValue)
    )
    if container.contains(.words) {
      try Self.refuseUnknownKeys(
        container.nestedContainer(keyedBy: AnyKey.self, forKey: .words),
        Words.CodingKeys.allCases.map(\.rawValue)
      )
    }
    kind = try container.decode(String.self, forKey: .kind)
    special = try container.decode(Special.self, forKey: .special)
    tokens = try container.decodeIfPresent([String].self, forKey: .tokens)
    words = try container.decodeIfPresent(Words.self, forKey: .words)
    merges = try container.decodeIfPresent([[Int]].self, forKey: .merges)
  }

  private static func refuseUnknownKeys(
    _ container: KeyedDecodingContainer<AnyKey>,
    _ known: [String]
  ) throws {
    for key in container.allKeys where !known.contains(key.stringValue) {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: container.codingPath + [key],
          debugDescription: "unknown key; known are \(known.joined(separator: ", "))"
        )
      )
    }
  }

  private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

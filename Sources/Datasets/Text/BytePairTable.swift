/// Bytes and learned pairs of tokens as tokens (Sennrich, Haddow, Birch: Neural machine translation of rare words with subword units,
/// 2016; on bytes as in Radford et al.: Language models are unsupervised multitask learners, 2019).
///
/// Id `specialCount + b` is the byte `b`; id `specialCount + 256 + k` is what merge `k` makes.
struct BytePairTable: Sendable, Equatable {
  /// Two ids that stand one behind the other.
  struct Pair: Sendable, Hashable, Comparable {
    let left: Int
    let right: Int

    static func < (a: Pair, b: Pair) -> Bool { (a.left, a.right) < (b.left, b.right) }
  }

  /// Why merges make no table.
  struct Problem: Equatable {
    /// The position of the merge.
    let merge: Int
    let detail: String
  }

  /// The id of byte 0.
  static let firstByte = Vocabulary.specialCount
  /// The id that merge 0 makes.
  static let firstMerge = Vocabulary.specialCount + 256

  /// In the order in which they were learned: earlier ones come first in a text, too.
  let merges: [Pair]
  /// The bytes of each token, by id from `specialCount` up.
  let tokens: ByteStrings
  /// The positions of all merges, ordered by their pairs.
  private let byPair: [Int32]

  /// - Precondition: `problem(in: merges)` is `nil`.
  init(_ merges: [Pair]) {
    var tokens = ByteStrings()
    for byte in UInt8.min...UInt8.max { tokens.append([byte]) }
    for pair in merges {
      tokens.append(
        Array(tokens[pair.left - Self.firstByte]) + tokens[pair.right - Self.firstByte]
      )
    }
    tokens.shrink()
    self.merges = merges
    self.tokens = tokens
    byPair = merges.indices.sorted { merges[$0] < merges[$1] }.map(Int32.init)
  }

  /// Which merge joins a pair, if one does.
  private func rank(_ pair: Pair) -> Int? {
    let place = byPair.firstIndex(orderedBy: { merges[Int($0)] < pair })
    guard place < byPair.count, merges[Int(byPair[place])] == pair else { return nil }
    return Int(byPair[place])
  }

  /// The first merge of ids that are no tokens at that point, that comes twice, or that makes too long a token.
  static func problem(in merges: [Pair]) -> Problem? {
    var byteCounts = [Int](repeating: 1, count: 256)
    var seen: Set<Pair> = []
    for (index, pair) in merges.enumerated() {
      let known = firstByte..<firstMerge + index
      guard known.contains(pair.left), known.contains(pair.right) else {
        return Problem(
          merge: index,
          detail: "joins \(pair.left) and \(pair.right); ids \(known.lowerBound) to "
            + "\(known.upperBound - 1) exist before it"
        )
      }
      let byteCount = byteCounts[pair.left - firstByte] + byteCounts[pair.right - firstByte]
      guard byteCount <= Vocabulary.tokenByteCountMax else {
        return Problem(
          merge: index,
          detail: "makes \(byteCount) bytes; at most \(Vocabulary.tokenByteCountMax)"
        )
      }
      guard seen.insert(pair).inserted else {
        return Problem(merge: index, detail: "joins the same two ids as an earlier merge")
      }
      byteCounts.append(byteCount)
    }
    return nil
  }

  func encode(_ text: String) -> [Int] {
    var ids: [Int] = []
    for piece in BytePieces(Array(text.utf8)) {
      ids += merged(piece.map { Self.firstByte + Int($0) })
    }
    return ids
  }

  /// Joins pairs, the earliest learned first, from left to right, until none is left.
  private func merged(_ piece: [Int]) -> [Int] {
    var ids = piece
    while ids.count > 1 {
      var best = Int.max
      for index in 1..<ids.count {
        if let rank = rank(Pair(left: ids[index - 1], right: ids[index])), rank < best {
          best = rank
        }
      }
      guard best < Int.max else { break }
      ids = Self.join(merges[best], Self.firstMerge + best, in: ids)
    }
    return ids
  }

  /// Every place of the pair, from left to right, becomes the new id.
  static func join(_ pair: Pair, _ id: Int, in ids: [Int]) -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(ids.count)
    var index = 0
    while index < ids.count {
      if index + 1 < ids.count, ids[index] == pair.left, ids[index + 1] == pair.right {
        result.append(id)
        index += 2
      } else {
        result.append(ids[index])
        index += 1
      }
    }
    return result
  }
}

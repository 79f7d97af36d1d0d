package import Tensors

/// The vectors of a vocabulary's tokens, as an embedding layer starts from.
package struct EmbeddingTable: Sendable, Equatable {
  /// float32, [tokens, dimensions].
  package let values: Tensor
  /// Ids whose vectors were drawn, padding excluded.
  package let missing: [Int]

  /// The Philox stream of token 0's vector; token `i` uses the stream `i` further.
  private static let stream: UInt64 = 0x656D_6265_0000_0000

  /// Finds each token among pre-trained vectors.
  ///
  /// A token that is not there gets uniform numbers of the same variance as all pre-trained ones (0.01 where there are none); they
  /// depend on seed and id alone. Padding's vector is zero. Of equal words the first counts.
  package init(_ vocabulary: Vocabulary, from vectors: WordVectors, seed: UInt64) {
    let dimension = vectors.values.shape[1]
    let known = vectors.values.elements(of: Float.self)
    let mean = known.reduce(0.0) { $0 + Double($1) } / Double(max(known.count, 1))
    let square = known.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    let variance = known.isEmpty ? 0.01 : square / Double(known.count)
    // A uniform number in -b...b has the variance b * b / 3.
    let bound = Float((3 * variance).squareRoot())
    let rows = Dictionary(
      vectors.words.enumerated().map { ($1, $0) },
      uniquingKeysWith: { first, _ in first }
    )
    var numbers: [Float] = []
    numbers.reserveCapacity(vocabulary.count * dimension)
    var missing: [Int] = []
    for id in 0..<vocabulary.count {
      if id == Vocabulary.padding {
        numbers += [Float](repeating: 0, count: dimension)
      } else if id >= Vocabulary.specialCount, let row = rows[vocabulary.text(of: id)] {
        numbers += known[row * dimension..<(row + 1) * dimension]
      } else {
        var random = Philox(seed: seed, stream: Self.stream &+ UInt64(id))
        for _ in 0..<dimension { numbers.append((2 * random.uniform() - 1) * bound) }
        missing.append(id)
      }
    }
    values = Tensor(numbers, [vocabulary.count, dimension])
    self.missing = missing
  }
}

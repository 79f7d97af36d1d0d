import Datasets
import Testing

@Suite struct LengthBucketsTests {
  private static let lengths = (0..<100).map {
    [PaddedLength.multiple(of: 8).padded(1 + $0 * 7 % 30) ?? 0]
  }
  private static let buckets = LengthBuckets(paddedLengths: lengths, batchSize: 16)

  @Test func sequencesArePaddedToAStepOrToOneLength() {
    let step = PaddedLength.multiple(of: 8)
    #expect([0, 1, 8, 9].map(step.padded) == [8, 8, 8, 16])
    #expect(PaddedLength.multiple(of: 0).padded(3) == 3)
    #expect(PaddedLength.multiple(of: 1).padded(0) == 1)
    #expect(PaddedLength.multiple(of: 2).padded(.max) == nil)
    #expect([0, 5, 6].map(PaddedLength.fixed(5).padded) == [5, 5, nil])
  }

  @Test func aPassHasEveryRowOnceInBatchesOfOneLength() {
    for batches in [Self.buckets.batches(pass: 3, seed: 1), Self.buckets.batchesInOrder()] {
      #expect(batches.count == Self.buckets.batchCount)
      #expect(batches.flatMap(\.rows).sorted() == Array(0..<100))
      for batch in batches {
        #expect((1...16).contains(batch.rows.count))
        #expect(batch.rows.allSatisfy { Self.lengths[$0] == batch.lengths })
      }
      // Full batches and one last one for each of the four lengths: few shapes.
      #expect(Set(batches.map { [$0.rows.count] + $0.lengths }).count <= 8)
    }
    #expect(Self.buckets.lengths == [[8], [16], [24], [32]])
  }

  @Test func theOrderDependsOnSeedAndPassAlone() {
    let first = Self.buckets.batches(pass: 0, seed: 1)
    #expect(first == Self.buckets.batches(pass: 0, seed: 1))
    #expect(first != Self.buckets.batches(pass: 1, seed: 1))
    #expect(first != Self.buckets.batches(pass: 0, seed: 2))
    // Lengths come mixed, not sorted.
    let lengths = first.map { $0.lengths[0] }
    #expect(lengths != lengths.sorted())
  }

  @Test func noRowsGiveNoBatches() {
    let empty = LengthBuckets(paddedLengths: [], batchSize: 4)
    #expect(empty.batchCount == 0 && empty.batches(pass: 0, seed: 0).isEmpty)
  }
}

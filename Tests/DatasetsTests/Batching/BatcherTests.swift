import Datasets
import Tensors
import Testing

@Suite struct BatcherTests {
  private let dataset = Dataset(
    features: Tensor((0..<20).map(Float.init), [10, 2]),
    labels: Tensor(vector: (0..<10).map(Int64.init))
  )

  private func epoch(_ batcher: inout Batcher) -> [[Int64]] {
    var batches: [[Int64]] = []
    while let batch = batcher.next() {
      let labels = batch.labels.elements(of: Int64.self)
      #expect(
        batch.features.elements(of: Float.self)
          == labels.flatMap { [Float($0 * 2), Float($0 * 2 + 1)] }
      )
      batches.append(labels)
    }
    return batches
  }

  @Test func anEpochHoldsEveryExampleOnceAndAPartialBatch() {
    var batcher = Batcher(dataset, batchSize: 4, seed: 1)
    let first = epoch(&batcher)
    #expect(first.map(\.count) == [4, 4, 2] && batcher.batchCount == 3)
    #expect(first.flatMap { $0 }.sorted() == Array(0..<10))
    let second = epoch(&batcher)
    #expect(second.flatMap { $0 }.sorted() == Array(0..<10))
    #expect(first != second)
  }

  @Test func anEpochDependsOnSeedAndNumberAlone() {
    var long = Batcher(dataset, batchSize: 3, seed: 5)
    _ = epoch(&long)
    var resumed = Batcher(dataset, batchSize: 3, seed: 5)
    resumed.startEpoch(1)
    #expect(epoch(&long) == epoch(&resumed))
    var other = Batcher(dataset, batchSize: 3, seed: 6)
    other.startEpoch(2)
    #expect(epoch(&other) != epoch(&long))
  }

  @Test func reusedBuffersReceiveTheSameRows() {
    var copies = Batcher(dataset, batchSize: 4, seed: 1)
    var inPlace = copies
    var features = [Float](repeating: 0, count: 8)
    var labels = [Int64](repeating: 0, count: 4)
    while let batch = copies.next() {
      let count = features.withUnsafeMutableBytes { f in
        labels.withUnsafeMutableBytes { l in inPlace.next(features: f, labels: l) }
      }
      #expect(Array(features.prefix(count * 2)) == batch.features.elements(of: Float.self))
      #expect(Array(labels.prefix(count)) == batch.labels.elements(of: Int64.self))
    }
    #expect(inPlace.nextCount == 0)
  }

  @Test func withoutShufflingTheOrderStays() {
    var batcher = Batcher(dataset, batchSize: .max, seed: 1, isShuffled: false)
    #expect(epoch(&batcher) == [Array(0..<10)])
  }

  @Test func aSplitIsSeededAndDisjoint() {
    let split = Split(count: 10, validationFraction: 0.3, seed: 4)
    #expect(split.validation.count == 3)
    #expect((split.training + split.validation).sorted() == Array(0..<10))
    #expect(split == Split(count: 10, validationFraction: 0.3, seed: 4))
    #expect(split != Split(count: 10, validationFraction: 0.3, seed: 5))
    let parts = dataset.split(validationFraction: 0.3, seed: 4)
    #expect(parts.validation.labels.elements(of: Int64.self) == split.validation.map(Int64.init))
    #expect(Split(count: 4, validationFraction: .nan, seed: 1).validation.isEmpty)
  }
}

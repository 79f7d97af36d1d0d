import Datasets
import Tensors
import Testing
import Training

@Suite struct SequenceBatchesTests {
  private static let source: [[Int32]] = [[5, 6, 7], [8], [9, 10], [4, 4, 4, 4, 4]]
  private static let target: [[Int32]] = [[2], [2, 3], [2, 3, 4], [2, 3]]

  private func batches(_ batchSize: Int, seed: UInt64?) throws -> SequenceBatches {
    try SequenceBatches(
      fields: [
        SequenceBatches.Field(Self.source, padding: .multiple(of: 4)),
        SequenceBatches.Field(Self.target, padding: .fixed(3)),
      ],
      columns: [
        .tokens(field: 0), .lengths(field: 0), .tokens(field: 1), .weights(field: 1),
        .rows(Tensor(vector: [10, 11, 12, 13] as [Int64])),
      ],
      weightField: 1,
      batchSize: batchSize,
      seed: seed
    )
  }

  private func read<Element: TensorElement>(
    _ source: SequenceBatches,
    _ batch: Batch,
    _ column: Int,
    as type: Element.Type
  ) throws -> [Element] {
    let description = try source.columns(of: batch)[column]
    #expect(description.dtype == Element.dtype)
    return try Tensor(dtype: description.dtype, description.shape) {
      try source.copy(batch, column: column, to: $0)
    }.elements(of: type)
  }

  @Test func columnsArePaddedWithLengthsAndWeights() throws {
    let source = try batches(8, seed: nil)
    #expect(source.batchesPerPass == 2)
    let all = source.batches(inPass: 0)
    #expect(all.map { Array($0.rows) } == [[0, 1, 2], [3]])
    // The loss is over the tokens of the targets.
    #expect(all.map(\.weight) == [6, 2] && all.map(\.lengths) == [[4, 3], [8, 3]])
    #expect(try source.columns(of: all[0]).map(\.shape) == [[3, 4], [3], [3, 3], [3, 3], [3]])
    #expect(try read(source, all[0], 0, as: Int64.self) == [5, 6, 7, 0, 8, 0, 0, 0, 9, 10, 0, 0])
    #expect(try read(source, all[0], 1, as: Int32.self) == [3, 1, 2])
    #expect(try read(source, all[0], 3, as: Float.self) == [1, 0, 0, 1, 1, 0, 1, 1, 1])
    #expect(try read(source, all[0], 4, as: Int64.self) == [10, 11, 12])
    #expect(try read(source, all[1], 2, as: Int64.self) == [2, 3, 0])
  }

  @Test func aShuffledPassDependsOnSeedAndPass() throws {
    let source = try batches(1, seed: 5)
    let passes = (0..<6).map { source.batches(inPass: $0).map { Array($0.rows) } }
    #expect(passes.allSatisfy { $0.flatMap { $0 }.sorted() == [0, 1, 2, 3] })
    #expect(Set(passes).count > 1)
    #expect(try batches(1, seed: 5).batches(inPass: 3) == source.batches(inPass: 3))
  }

  @Test func rowsAloneArePlainBatches() throws {
    let source = try SequenceBatches(
      fields: [],
      columns: [
        .rows(Tensor([1, 2, 3, 4, 5, 6] as [Float], [3, 2])),
        .rows(Tensor([7, 8, 9] as [Float], [3, 1])), .rows(Tensor(vector: [1, 0, 1] as [Float])),
      ],
      batchSize: 2,
      seed: nil
    )
    let all = source.batches(inPass: 0)
    #expect(all.map { Array($0.rows) } == [[0, 1], [2]] && all.map(\.weight) == [2, 1])
    #expect(try source.columns(of: all[1]).map(\.shape) == [[1, 2], [1, 1], [1]])
    #expect(try read(source, all[1], 0, as: Float.self) == [5, 6])
  }

  @Test func sequencesThatDoNotFitAreNamed() {
    func attempt(
      _ fields: [SequenceBatches.Field],
      _ columns: [SequenceBatches.Column] = [],
      weightField: Int? = nil
    ) throws {
      _ = try SequenceBatches(
        fields: fields,
        columns: columns,
        weightField: weightField,
        batchSize: 2,
        seed: nil
      )
    }
    let field = SequenceBatches.Field([[1, 2, 3], []], padding: .multiple(of: 2))
    let error = #expect(throws: TrainingError.self) {
      try attempt([field, SequenceBatches.Field([[1], [1, 2]], padding: .fixed(1))])
    }
    #expect(error?.description.contains("example 1 has 2 tokens in field 1") == true)
    #expect(throws: TrainingError.self) { try attempt([field], weightField: 0) }
    #expect(throws: TrainingError.self) { try attempt([field], weightField: 1) }
    #expect(throws: TrainingError.self) { try attempt([field], [.lengths(field: 2)]) }
    #expect(throws: TrainingError.self) {
      try attempt([field], [.rows(Tensor(zeros: .float32, [3]))])
    }
    #expect(throws: TrainingError.self) {
      try attempt([field, SequenceBatches.Field([[1]], padding: .fixed(1))])
    }
  }
}

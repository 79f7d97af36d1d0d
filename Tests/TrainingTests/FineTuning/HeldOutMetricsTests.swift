import Datasets
import Tensors
import Testing

@testable import Training

@Suite struct HeldOutMetricsTests {
  private func sums(
    _ task: FineTuningTask,
    width: Int,
    _ predictions: [Float],
    _ labels: Tensor
  ) -> HeldOutMetrics {
    var sums = HeldOutSums(task: task, width: width)
    let count = labels.shape[0]
    let all = Array(0..<count)
    // In two batches, as an evaluation would.
    for rows in [all[..<2], all[2...]] {
      sums.add(
        loss: Float(rows.count),
        predictions: Array(predictions[rows.startIndex * width..<rows.endIndex * width]),
        labels: labels,
        rows: rows
      )
    }
    return sums.metrics
  }

  @Test func classesCountWhereTheLargestLogitIsTheLabel() {
    let metrics = sums(
      .classification,
      width: 2,
      [1, 0, 0, 1, 2, 3, 1, 1],
      Tensor(vector: [0, 0, 1, 0] as [Int64])
    )
    // The last row is a tie: the first class is taken.
    #expect(metrics.accuracy == 0.75)
    // Batches of 2 and 2 with losses 2 and 2.
    #expect(metrics.loss == 2 && metrics.count == 4)
    #expect(metrics.named == ["loss": 2, "accuracy": 0.75])
  }

  @Test func labelsHaveTheirOwnAccuracyAndF1() {
    // First label: predicted 1 1 0, wanted 1 0 1. Second: never predicted, never wanted.
    let metrics = sums(
      .multiLabel,
      width: 2,
      [1, -1, 2, -1, -1, -3],
      Tensor([1, 0, 0, 0, 1, 0] as [Float], [3, 2])
    )
    #expect(metrics.labelAccuracies == [1 - 2.0 / 3, 1])
    #expect(metrics.labelF1 == [0.5, 0])
    #expect(metrics.f1Micro == 0.5)
    #expect(metrics.f1Macro == 0.25)
    #expect(metrics.accuracy == 4.0 / 6)
  }

  @Test func numbersHaveErrorsAndAShareOfExplainedVariance() throws {
    let metrics = sums(
      .regression,
      width: 1,
      [1, 2, 3, 6],
      Tensor([1, 2, 3, 4] as [Float], [4, 1])
    )
    #expect(metrics.meanAbsoluteError == 0.5)
    #expect(metrics.meanSquaredError == 1)
    // Total sum of squares around 2.5 is 5, residual 4.
    #expect(abs(try #require(metrics.r2) - 0.2) < 1e-12)
    let constant = sums(
      .regression,
      width: 1,
      [1, 2, 3, 4],
      Tensor(repeating: Float(1), [4, 1])
    )
    #expect(constant.r2 == nil)
  }

  @Test func aParentIsMeasuredOnTheSameRowsAndAWrongOneIsRefused() throws {
    let parent = try FineTunableModel(SmallModels.convolutional(classCount: 3))
    let evaluator = try HeldOutEvaluator(parent, task: .classification, batchSize: 7)
    let metrics = try evaluator.evaluate(SmallModels.pictures(20))
    #expect(metrics.count == 20)
    #expect(try evaluator.evaluate(SmallModels.pictures(20)) == metrics)
    #expect {
      try evaluator.evaluate(SmallModels.pictures(20, classCount: 5))
    } throws: { "\($0)".contains("none of the classes 0 to 2") }
    let control = TrainingControl()
    control.requestStop()
    #expect(throws: TrainingError.stopped) {
      try evaluator.evaluate(SmallModels.pictures(20), control: control)
    }
  }
}

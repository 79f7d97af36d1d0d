import Testing

@testable import Service

@Suite struct TrainingCurvesTests {
  func metrics(_ text: String) throws -> TrainingMetrics {
    try Array(text.utf8).withUnsafeBytes { TrainingMetrics(try JSONValueReader.read($0)) }
  }

  @Test func eventsAddUpToCurvesAndTheLatestNumbers() throws {
    var curves = TrainingCurves()
    curves.fold(
      try metrics(
        """
        {"step": 10, "epoch": 1, "train_loss": 2.5, "train_accuracy": 0.5, "learning_rate": 0.001,
         "examples_per_second": 5000, "seconds_left": 12.5}
        """
      )
    )
    curves.fold(try metrics(#"{"step": 20, "train_loss": 1.5, "valid_loss": 1.75}"#))
    #expect(curves.trainLoss.points.map(\.x) == [10, 20])
    #expect(curves.trainLoss.points.map(\.y) == [2.5, 1.5])
    #expect(curves.latest.step == 20)
    #expect(curves.latest.epoch == 1)
    #expect(curves.latest.trainAccuracy == 0.5)
    #expect(curves.latest.secondsLeft == 12.5)
    #expect(curves.validation?.name == "validation loss")
    // The accuracy says more, once there is one; without a step of its own it belongs to the last.
    curves.fold(try metrics(#"{"valid_accuracy": 0.75}"#))
    #expect(curves.validation?.name == "validation accuracy")
    #expect(curves.validation?.curve.points.map(\.x) == [20])
  }

  @Test func repeatedStepsReplaceWhatWasThere() throws {
    var curves = TrainingCurves()
    for step in 1...5 { curves.fold(try metrics(#"{"step": \#(step), "train_loss": 1}"#)) }
    curves.fold(try metrics(#"{"step": 3, "train_loss": 2}"#))
    #expect(curves.trainLoss.points.map(\.x) == [1, 2, 3])
    #expect(curves.trainLoss.points.map(\.y) == [1, 1, 2])
  }

  @Test func longCurvesAreThinnedAndKeepTheirNewestPoint() throws {
    var curves = TrainingCurves()
    for step in 0...TrainingCurves.Curve.pointCountMax {
      var metrics = TrainingMetrics()
      metrics.step = step
      metrics.trainLoss = Double(step)
      curves.fold(metrics)
    }
    let points = curves.trainLoss.points
    #expect(points.count == TrainingCurves.Curve.pointCountMax / 2 + 1)
    #expect(points.first?.x == 0)
    #expect(points.last?.x == Double(TrainingCurves.Curve.pointCountMax))
  }

  @Test(arguments: [
    "null", "[]", #"{"step": "x", "train_loss": null}"#, #"{"train_loss": 1}"#,
    #"{"step": 1.5, "train_loss": 1}"#, #"{"step": 1e300, "train_loss": NaN}"#,
  ]) func whatIsNoNumberDrawsNothing(text: String) throws {
    var curves = TrainingCurves()
    curves.fold(try metrics(text))
    #expect(curves.trainLoss.points.isEmpty)
    #expect(curves.validation == nil)
  }
}

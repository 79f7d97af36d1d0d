import Engine
import GraphIR
import NN
import Tensors
import Testing
import Training

@Suite struct MetricsTests {
  @Test func correctCountComparesTheLargestLogitWithTheLabel() throws {
    var context = LayerContext(mode: .inference)
    let logits = try context.graph.constant(
      Tensor([Float(1), 5, 2, 9, 0, 0, 1, 2, 3], [3, 3])
    )
    let labels = try context.graph.constant(Tensor(vector: [Int64(1), 2, 2]))
    let correct = try Metrics.correctCount(logits: logits, labels: labels, in: &context)
    let session = try Session(context.graph)
    #expect(try session.run([correct], feeds: [:])[0].elements(of: Float.self) == [2])
  }

  @Test func confusionMatrixCountsByTruthAndPrediction() {
    var matrix = ConfusionMatrix(classCount: 3)
    #expect(matrix.accuracy == nil)
    for (truth, prediction) in [(0, 0), (0, 2), (1, 1), (2, 2), (5, 0)] {
      matrix.add(truth: truth, prediction: prediction)
    }
    #expect(matrix.counts == [1, 0, 1, 0, 1, 0, 0, 0, 1])
    #expect(matrix.accuracy == 0.75)
  }
}

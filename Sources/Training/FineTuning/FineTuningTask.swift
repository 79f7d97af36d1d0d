import Datasets
import GraphIR
import NN
import Tensors

/// What a model's outputs mean, and with it the loss and the labels.
package enum FineTuningTask: String, Sendable, Hashable, CaseIterable {
  /// One class for each example: softmax cross-entropy on int64 labels [N].
  case classification
  /// Any number of K labels: sigmoid cross-entropy on float32 targets [N, K] from 0 to 1.
  case multiLabel = "multi_label"
  /// K numbers: mean squared error on float32 targets [N, K].
  case regression

  /// The examples with features and labels in the shapes that the model reads.
  ///
  /// Rows with as many numbers in another shape are reshaped; targets [N] become [N, 1].
  ///
  /// - Throws: `FineTuningError.data` naming the expected and the given shape, or the first label out of range.
  func checked(_ data: Dataset, for model: FineTunableModel) throws(FineTuningError) -> Dataset {
    guard data.count > 0 else { throw .data("there are no examples") }
    let features = try checkedFeatures(data, for: model)
    let rowSize = data.labels.shape.elementCount / data.count
    let count = model.classCount
    switch self {
    case .classification:
      guard data.labels.dtype == .int64, rowSize == 1 else {
        throw .data(
          "labels are \(data.labels.dtype)\(data.labels.shape), a classification needs int64 [N]"
        )
      }
      let labels = data.labels.elements(of: Int64.self)
      if let row = labels.firstIndex(where: { !(0..<Int64(count)).contains($0) }) {
        throw .data("row \(row): label \(labels[row]) is none of the classes 0 to \(count - 1)")
      }
      return Dataset(features: features, labels: data.labels.reshaped(to: [data.count]))
    case .multiLabel, .regression:
      guard data.labels.dtype == .float32, rowSize == count else {
        throw .data(
          "targets are \(data.labels.dtype)\(data.labels.shape), \(rawValue) needs float32 [N,\(count)]"
        )
      }
      let isUnit = self == .multiLabel
      let bad = data.labels.withElements(of: Float.self) { targets in
        targets.firstIndex { !$0.isFinite || isUnit && !(0...1).contains($0) }
      }
      if let bad {
        throw .data(
          "row \(bad / count): target \(bad % count) is not \(isUnit ? "in 0 to 1" : "a finite number")"
        )
      }
      return Dataset(features: features, labels: data.labels.reshaped(to: [data.count, count]))
    }
  }

  private func checkedFeatures(
    _ data: Dataset,
    for model: FineTunableModel
  ) throws(FineTuningError) -> Tensor {
    let given = data.features
    guard given.dtype == .float32 else {
      throw .data("features are \(given.dtype), expected float32")
    }
    let rows = Shape(Array(given.shape.dimensions.dropFirst()))
    if model.rowShape.accepts(rows) { return given }
    guard let wanted = model.rowShape.concrete, wanted.elementCount == rows.elementCount else {
      throw .data("a row of features has shape \(rows), the model reads \(model.rowShape)")
    }
    return given.reshaped(to: Shape([data.count] + wanted.dimensions))
  }

  /// The values that training and evaluation fetch.
  struct LossValues {
    var labels: ValueID
    var loss: ValueID
    /// Right answers in the batch; for several labels the share of right ones, summed over the rows.
    var correct: ValueID?
    /// [N, K], what the loss compared with the labels.
    var predictions: ValueID
  }

  /// Adds labels and loss to a network.
  func addLoss(
    on prediction: ValueID,
    classCount: Int,
    in context: inout LayerContext
  ) throws(GraphError) -> LossValues {
    let rows = context.graph[prediction].type.shape.dimensions?.first ?? .symbol("N")
    var flat = prediction
    if context.graph[prediction].type.shape.rank != 2 {
      flat = try context.apply("Flatten", prediction, attributes: ["axis": .int(1)])
    }
    let name = context.graph.freshName("labels")
    switch self {
    case .classification:
      let labels = try context.graph.placeholder(name, .int64, [rows])
      return LossValues(
        labels: labels,
        loss: try Loss.softmaxCrossEntropy(logits: flat, labels: labels, in: &context),
        correct: try Metrics.correctCount(logits: flat, labels: labels, in: &context),
        predictions: flat
      )
    case .multiLabel:
      let targets = try context.graph.placeholder(name, .float32, [rows, .known(classCount)])
      // Right where logit and target are on the same side: (logit > 0) == (target > 1/2).
      let predicted = try context.apply("Greater", flat, context.scalar(0))
      let wanted = try context.apply("Greater", targets, context.scalar(0.5))
      let hits = try context.apply("CastLike", context.apply("Equal", predicted, wanted), flat)
      let count = try context.apply("ReduceSum", hits, attributes: ["keepdims": .int(0)])
      return LossValues(
        labels: targets,
        loss: try Loss.sigmoidCrossEntropy(logits: flat, targets: targets, in: &context),
        correct: try context.apply("Div", count, context.scalar(Float(classCount))),
        predictions: flat
      )
    case .regression:
      let targets = try context.graph.placeholder(name, .float32, [rows, .known(classCount)])
      return LossValues(
        labels: targets,
        loss: try Loss.meanSquaredError(predictions: flat, targets: targets, in: &context),
        correct: nil,
        predictions: flat
      )
    }
  }
}

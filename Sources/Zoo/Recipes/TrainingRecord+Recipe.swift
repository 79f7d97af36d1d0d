import ONNXFormat
import Training

extension ModelManifest.TrainingRecord {
  /// How a recipe's trainer made a model, with the command that does it again.
  init(
    of recipe: any Recipe,
    _ data: ModelManifest.DataReference?,
    _ options: TrainingOptions,
    _ optimizer: any Optimizer,
    _ history: [EpochReport]
  ) {
    self.init(recipe: recipe.name, seed: options.seed, data: data)
    epochs = options.epochs
    batchSize = options.batchSize
    self.optimizer = optimizer.name
    command =
      "martlet train \(recipe.name) --data DIR --epochs \(options.epochs) --seed \(options.seed)"
    curves = history.curves
  }
}

extension [EpochReport] {
  /// What was measured after each epoch, by the names that model.json has for it.
  var curves: [String: [Double]] {
    var curves = ["loss": map(\.training.loss)]
    for (name, values) in [
      ("validation_loss", compactMap { $0.validation?.loss }),
      ("validation_accuracy", compactMap { $0.validation?.accuracy }),
    ] where values.count == count {
      curves[name] = values
    }
    return curves
  }
}

package import Storage
package import Tensors

/// Everything that a training needs to continue as if it had never stopped.
package struct TrainingCheckpoint: Sendable, Equatable {
  /// Steps done.
  package var step: Int
  /// The seed of order and random operators; with `step` it is the whole random state.
  package var seed: UInt64
  /// All variables by name: weights, moving statistics, the optimiser's state.
  package var variables: [String: Tensor]
  /// The best variables so far, where early stopping keeps them.
  package var best: BestVariables?
  /// What came of every epoch so far.
  package var epochs: [EpochReport] = []
  /// Sums over the unfinished epoch.
  var totals: EpochTotals

  /// The variables of the best epoch.
  package struct BestVariables: Sendable, Equatable {
    package var epoch: Int
    package var score: Double
    package var variables: [String: Tensor]
  }

  /// Largest checkpoint that is read, in bytes.
  package static let byteCountMax = 1 << 33

  /// Writes one npz file, replaced whole.
  ///
  /// - Throws: `FormatError` where it cannot be written; an older file at the path is then untouched.
  package func write(to path: String) throws(FormatError) {
    var entries = [
      NPZ.Entry("state/step", Tensor(scalar: Int64(step))),
      NPZ.Entry("state/seed", Tensor(scalar: seed)),
      NPZ.Entry("state/loss", Tensor(scalar: totals.loss)),
      NPZ.Entry("state/correct", Tensor(scalar: totals.correct)),
      NPZ.Entry("state/count", Tensor(scalar: Int64(totals.count))),
    ]
    if !epochs.isEmpty { entries.append(NPZ.Entry("state/epochs", EpochTable.tensor(of: epochs))) }
    for (name, tensor) in variables.sorted(by: { $0.key < $1.key }) {
      entries.append(NPZ.Entry("variables/" + name, tensor))
    }
    if let best {
      entries.append(NPZ.Entry("best/epoch", Tensor(scalar: Int64(best.epoch))))
      entries.append(NPZ.Entry("best/score", Tensor(scalar: best.score)))
      for (name, tensor) in best.variables.sorted(by: { $0.key < $1.key }) {
        entries.append(NPZ.Entry("best/variables/" + name, tensor))
      }
    }
    try AtomicFile.replace(path, NPZ.write(entries))
  }

  /// Reads a checkpoint.
  ///
  /// - Throws: `FormatError` naming what is missing or damaged.
  package init(contentsOf path: String) throws(FormatError) {
    let bytes = try FileAccess.read(path, byteCountMax: Self.byteCountMax)
    var scalars: [String: Tensor] = [:]
    var variables: [String: Tensor] = [:]
    var bestVariables: [String: Tensor] = [:]
    for entry in try NPZ.read(bytes, byteCountMax: Self.byteCountMax) {
      if let name = entry.name.droppingPrefix("variables/") {
        variables[name] = entry.tensor
      } else if let name = entry.name.droppingPrefix("best/variables/") {
        bestVariables[name] = entry.tensor
      } else {
        scalars[entry.name] = entry.tensor
      }
    }
    func scalar<Element: TensorElement>(
      _ name: String,
      _ type: Element.Type
    ) throws(FormatError) -> Element {
      guard let tensor = scalars[name], tensor.dtype == Element.dtype,
        let value = tensor.elements(of: Element.self).first
      else {
        throw FormatError("checkpoint", "\(path): \(name) is missing or not \(Element.dtype)")
      }
      return value
    }
    step = Int(try scalar("state/step", Int64.self))
    seed = try scalar("state/seed", UInt64.self)
    totals = EpochTotals(
      loss: try scalar("state/loss", Double.self),
      correct: try scalar("state/correct", Double.self),
      count: Int(try scalar("state/count", Int64.self))
    )
    guard step >= 0 else { throw FormatError("checkpoint", "\(path): step \(step)") }
    self.variables = variables
    if let table = scalars["state/epochs"] {
      guard let epochs = EpochTable.reports(of: table) else {
        throw FormatError("checkpoint", "\(path): state/epochs is \(table.dtype)\(table.shape)")
      }
      self.epochs = epochs
    }
    if scalars["best/epoch"] != nil {
      best = BestVariables(
        epoch: Int(try scalar("best/epoch", Int64.self)),
        score: try scalar("best/score", Double.self),
        variables: bestVariables
      )
    }
  }

  /// A checkpoint of a training that counts no right answers and keeps no best epoch.
  package init(
    step: Int,
    seed: UInt64,
    variables: [String: Tensor],
    epochs: [EpochReport]
  ) {
    self.init(
      step: step,
      seed: seed,
      variables: variables,
      best: nil,
      epochs: epochs,
      totals: EpochTotals()
    )
  }

  init(
    step: Int,
    seed: UInt64,
    variables: [String: Tensor],
    best: BestVariables?,
    epochs: [EpochReport],
    totals: EpochTotals
  ) {
    self.step = step
    self.seed = seed
    self.variables = variables
    self.best = best
    self.epochs = epochs
    self.totals = totals
  }
}

extension String {
  fileprivate func droppingPrefix(_ prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}

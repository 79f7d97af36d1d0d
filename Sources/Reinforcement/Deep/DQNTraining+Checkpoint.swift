import Storage
import Tensors
import Training

extension DQNTraining {
  /// Bytes of a checkpoint that is read.
  package static let checkpointByteCountMax = TrainingCheckpoint.byteCountMax

  /// Writes everything needed to continue, the replay memory too, as one npz file, replaced whole.
  ///
  /// - Throws: `FormatError` where it cannot be written; an older file at the path is then untouched.
  package func write(to path: String) throws {
    var entries = [
      NPZ.Entry(
        "state/counts",
        Tensor(
          vector: [
            progress.step, progress.episode, learner.updateCount, progress.lossCount,
            progress.isTargetReached ? 1 : 0,
          ].map(Int64.init)
        )
      ),
      NPZ.Entry(
        "state/seeds",
        Tensor(vector: [options.seed, options.learning.seed, progress.drawCount])
      ),
      NPZ.Entry("state/loss_sum", Tensor(scalar: progress.lossSum)),
      NPZ.Entry(
        "state/curve",
        Tensor(
          progress.curve.flatMap {
            [Double($0.step), $0.meanReturn, $0.loss, $0.isBest ? 1 : 0]
          },
          [progress.curve.count, 4]
        )
      ),
    ]
    for (name, tensor) in try learner.variables().sorted(by: { $0.key < $1.key }) {
      entries.append(NPZ.Entry("variables/" + name, tensor))
    }
    if let best = progress.best {
      entries.append(NPZ.Entry("state/best", Tensor(scalar: best.meanReturn)))
      for (name, tensor) in best.weights.sorted(by: { $0.key < $1.key }) {
        entries.append(NPZ.Entry("best/" + name, tensor))
      }
    }
    entries += memory.saved().map { NPZ.Entry("replay/" + $0.name, $0.tensor) }
    try AtomicFile.replace(path, NPZ.write(entries))
  }

  /// Continues where a checkpoint was written.
  ///
  /// - Throws: `FormatError` for a file that is none; `TrainingError.checkpoint` or `ReinforcementError.replay` for one of another network,
  ///   options or seeds.
  package func resume(from path: String) throws {
    let bytes = try FileAccess.read(path, byteCountMax: Self.checkpointByteCountMax)
    var groups: [String: [NPZ.Entry]] = [:]
    for entry in try NPZ.read(bytes, byteCountMax: Self.checkpointByteCountMax) {
      guard let slash = entry.name.firstIndex(of: "/") else { continue }
      let name = String(entry.name[entry.name.index(after: slash)...])
      groups[String(entry.name[..<slash]), default: []].append(NPZ.Entry(name, entry.tensor))
    }
    func tensors(_ group: String) -> [String: Tensor] {
      Dictionary((groups[group] ?? []).map { ($0.name, $0.tensor) }) { first, _ in first }
    }
    let state = tensors("state")
    func numbers<Element: TensorElement>(
      _ name: String,
      _ count: Int?,
      of type: Element.Type
    ) throws(TrainingError) -> [Element] {
      guard let tensor = state[name], tensor.dtype == Element.dtype,
        count == nil || tensor.shape.elementCount == count
      else { throw .checkpoint("\(path): state/\(name) is missing or not what it should be") }
      return tensor.elements(of: Element.self)
    }
    let counts = try numbers("counts", 5, of: Int64.self).map(Int.init)
    guard counts.allSatisfy({ $0 >= 0 && $0 < 1 << 62 }) else {
      throw TrainingError.checkpoint("\(path): state/counts holds \(counts)")
    }
    let seeds = try numbers("seeds", 3, of: UInt64.self)
    guard seeds[0] == options.seed, seeds[1] == options.learning.seed else {
      throw TrainingError.checkpoint(
        "the checkpoint has seeds \(seeds[0]) and \(seeds[1]), this training \(options.seed) and \(options.learning.seed)"
      )
    }
    var restored = Progress()
    (restored.step, restored.episode, restored.lossCount) = (counts[0], counts[1], counts[3])
    restored.isTargetReached = counts[4] != 0
    restored.drawCount = seeds[2]
    restored.lossSum = try numbers("loss_sum", 1, of: Double.self)[0]
    let curve = try numbers("curve", nil, of: Double.self)
    for start in stride(from: 0, to: curve.count - curve.count % 4, by: 4) {
      guard let step = Int(exactly: curve[start]) else {
        throw TrainingError.checkpoint("\(path): state/curve has a step \(curve[start])")
      }
      restored.curve.append(
        DQNCurvePoint(
          step: step,
          meanReturn: curve[start + 1],
          loss: curve[start + 2],
          isBest: curve[start + 3] != 0
        )
      )
    }
    if state["best"] != nil {
      restored.best = (try numbers("best", 1, of: Double.self)[0], tensors("best"))
    }
    try memory.restore(groups["replay"] ?? [])
    try learner.resume(variables: tensors("variables"), updateCount: counts[2])
    progress = restored
  }
}

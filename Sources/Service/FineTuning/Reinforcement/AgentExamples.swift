import Jobs
import ONNXFormat
import Reinforcement
import Tensors

/// The transitions of a job: those that are learnt from, and those that are held out.
struct AgentExamples {
  let training: ReplayMemory
  /// All transitions of the file.
  let batch: TransitionBatch
  /// Rows of `batch` that are held out.
  let heldOut: [Int]
  /// Of the training file's content.
  let digest: String

  /// The stream of random numbers that chooses what is held out.
  private static let splitStream: UInt64 = 0x5917

  /// Reads a job's file.
  ///
  /// - Throws: `JobFailure` that names the first thing that is wrong with it.
  init(
    _ specification: FineTuningSpecification,
    _ base: AgentBaseVersion,
    files: FileLibrary,
    settings: FineTuningSettings
  ) throws {
    guard let file = files.file(specification.trainingFile) else {
      throw JobFailure(
        code: "file_not_found",
        message: "the file '\(specification.trainingFile)' is not there any more",
        param: "training_file"
      )
    }
    do {
      let reader = TransitionFile(
        observations: ObservationReader(base.format, images: nil),
        limits: settings.exampleLimits
      )
      (batch, digest) = try reader.read(path: files.path(of: file), name: file.filename)
    } catch {
      throw JobFailure(
        code: "invalid_training_file",
        message: "\(file.filename): \(error)",
        param: "training_file"
      )
    }
    let heldOutCount = min(
      Int(Double(batch.count) * specification.validationSplit),
      batch.count - 1
    )
    var random = Philox(seed: specification.seed, stream: Self.splitStream)
    heldOut = heldOutCount > 0 ? random.permutation(batch.count).prefix(heldOutCount).sorted() : []
    training = try ReplayMemory(
      ReplayOptions(
        observations: .rows(try Shape(validating: base.format.sizes)),
        actionCount: base.format.actions.count,
        capacity: batch.count - heldOut.count,
        byteCountMax: settings.memoryBytes
      )
    )
    let discount = Float(specification.discount(of: base))
    var isHeldOut = [Bool](repeating: false, count: batch.count)
    for row in heldOut { isHeldOut[row] = true }
    for row in 0..<batch.count where !isHeldOut[row] {
      try training.append(
        observation: batch.observation(row),
        action: Int(batch.actions[row]),
        reward: batch.rewards[row],
        next: batch.observation(row, isNext: true),
        discount: batch.ends[row].contains(.terminated) ? 0 : discount
      )
    }
  }
}

extension FineTuningSpecification {
  /// gamma: the request's, else model.json's.
  func discount(of base: AgentBaseVersion) -> Double {
    reinforcement?.discount ?? base.format.training.discount
  }
}

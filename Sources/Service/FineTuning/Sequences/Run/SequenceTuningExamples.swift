import Datasets
import GraphIR
import Jobs
import ONNXFormat
import Tensors
import Training

/// The examples of a job for a sequence model: those that are trained on, and those that are held out to judge by.
struct SequenceTuningExamples {
  /// Examples that are trained on, and held out.
  let counts: (training: Int, heldOut: Int)
  /// Of the training file's content.
  let digest: String
  let warnings: [String]
  /// Of the network's graph: which columns its inputs take.
  private let network: SequenceNetwork
  private let training: (set: SequenceExampleSet, rows: [Int])
  private let heldOut: (set: SequenceExampleSet, rows: [Int])
  private let schema: SequenceExampleSchema

  /// Examples measured at once.
  static let evaluationBatchSize = 32
  /// Tokens by which padded lengths differ: few plans serve all batches.
  static let lengthStep = 8

  /// Reads a job's files.
  ///
  /// - Throws: `JobFailure` that names the file's first bad rows.
  init(
    _ specification: FineTuningSpecification,
    _ base: SequenceBaseVersion,
    files: FileLibrary,
    limits: ExampleLimits
  ) throws {
    network = base.network
    schema = base.schema
    func read(_ id: String, _ parameter: String) throws -> SequenceExampleSet {
      guard let file = files.file(id) else {
        throw JobFailure(
          code: "file_not_found",
          message: "the file '\(id)' is not there any more",
          param: parameter
        )
      }
      do {
        return try SequenceExampleReader(base.schema, limits: limits).read(
          path: files.path(of: file),
          name: file.filename
        )
      } catch {
        throw JobFailure(
          code: "invalid_\(parameter)",
          message: "\(file.filename): \(error)",
          param: parameter
        )
      }
    }
    let set = try read(specification.trainingFile, "training_file")
    digest = set.digest
    if let file = specification.validationFile {
      let other = try read(file, "validation_file")
      training = (set, Array(0..<set.count))
      heldOut = (other, Array(0..<other.count))
      warnings = set.warnings + other.warnings
    } else {
      let split = set.split(
        validationFraction: specification.validationSplit,
        seed: specification.seed
      )
      training = (set, split.training)
      heldOut = (set, split.validation)
      warnings = set.warnings
    }
    counts = (training.rows.count, heldOut.rows.count)
  }

  /// Batches to train on, shuffled anew in every pass.
  ///
  /// - Throws: `TrainingError.data`.
  func trainingBatches(size: Int, seed: UInt64) throws -> any BatchSource {
    try batches(training, size: size, seed: seed)
  }

  /// Batches to judge by, in their order; nil where nothing is held out.
  ///
  /// - Throws: `TrainingError.data`.
  func heldOutBatches() throws -> (any BatchSource)? {
    guard counts.heldOut > 0 else { return nil }
    return try batches(heldOut, size: Self.evaluationBatchSize, seed: nil)
  }

  // MARK: - Columns

  private func batches(
    _ part: (set: SequenceExampleSet, rows: [Int]),
    size: Int,
    seed: UInt64?
  ) throws -> any BatchSource {
    let (set, rows) = part
    func field(_ sequences: [[Int32]], _ padding: PaddedLength) -> SequenceBatches.Field {
      .init(rows.map { sequences[$0] }, padding: padding)
    }
    let free = PaddedLength.multiple(of: Self.lengthStep)
    switch set.task {
    case .forecasting: return ExampleBatches(series(set, rows), batchSize: size, seed: seed)
    case .textClassification:
      return try SequenceBatches(
        fields: [field(set.sources, free)],
        columns: sourceColumns(field: 0) + [.rows(Tensor(vector: rows.map { set.classes[$0] }))],
        batchSize: size,
        seed: seed
      )
    case .tokenClassification:
      return try SequenceBatches(
        fields: [field(set.sources, free), field(set.targets, free)],
        columns: sourceColumns(field: 0) + [.tokens(field: 1), .weights(field: 1)],
        weightField: 1,
        batchSize: size,
        seed: seed
      )
    case .textGeneration:
      return try SequenceBatches(
        fields: [field(set.inputs, free), field(set.targets, free)],
        columns: [.tokens(field: 0), .tokens(field: 1), .weights(field: 1)],
        weightField: 1,
        batchSize: size,
        seed: seed
      )
    case .translation:
      return try SequenceBatches(
        fields: [
          field(set.sources, .fixed(schema.sourceLengthMax)), field(set.inputs, free),
          field(set.targets, free),
        ],
        columns: sourceColumns(field: 0) + [
          .tokens(field: 1), .tokens(field: 2), .weights(field: 2),
        ],
        weightField: 2,
        batchSize: size,
        seed: seed
      )
    case .imageCaptioning:
      let captions = try SequenceBatches(
        fields: [field(set.inputs, free), field(set.targets, free)],
        columns: [.tokens(field: 0), .tokens(field: 1), .weights(field: 1)],
        weightField: 1,
        batchSize: size,
        seed: seed
      )
      return PictureBatches(
        captions,
        pictures: set.pictures,
        pictureOfRow: rows.map { set.pictureOfTarget[$0] },
        rowShape: pictureShape
      )
    }
  }

  /// Columns of the inputs that read a source, in the order of the network's: tokens are int64, lengths int32.
  private func sourceColumns(field: Int) -> [SequenceBatches.Column] {
    let isLabelled = !schema.task.isDecoded
    // The last input of a decoder reads targets.
    let inputs = isLabelled ? network.inputs[...] : network.inputs.dropLast()
    return inputs.map {
      network.graph[$0].type.dtype == .int32 ? .lengths(field: field) : .tokens(field: field)
    }
  }

  /// Sizes of one picture as the encoder takes it.
  private var pictureShape: [Int] {
    guard let input = network.inputs.first else { return [] }
    return (network.graph[input].type.shape.dimensions ?? []).dropFirst().map { $0.size ?? 1 }
  }

  /// Windows of series: all but the last value, and all but the first.
  private func series(_ set: SequenceExampleSet, _ rows: [Int]) -> Dataset {
    let length = (set.series.first?.count ?? 1) - 1
    let shape = Shape([rows.count, length, 1])
    return Dataset(
      features: Tensor(rows.flatMap { set.series[$0].dropLast() }, shape),
      labels: Tensor(rows.flatMap { set.series[$0].dropFirst() }, shape)
    )
  }
}

/// Batches of captions, each with its picture in front: a picture is in memory once, however many captions it has.
private struct PictureBatches: BatchSource {
  private let captions: SequenceBatches
  private let pictures: [[Float]]
  private let pictureOfRow: [Int]
  private let rowShape: [Int]

  init(
    _ captions: SequenceBatches,
    pictures: [[Float]],
    pictureOfRow: [Int],
    rowShape: [Int]
  ) {
    self.captions = captions
    self.pictures = pictures
    self.pictureOfRow = pictureOfRow
    self.rowShape = rowShape
  }

  var batchesPerPass: Int { captions.batchesPerPass }
  func batches(inPass pass: Int) -> [Batch] { captions.batches(inPass: pass) }

  func columns(of batch: Batch) throws -> [BatchColumn] {
    let shape = try Shape(validating: [batch.rows.count] + rowShape)
    return [BatchColumn(.float32, shape)] + (try captions.columns(of: batch))
  }

  func copy(
    _ batch: Batch,
    column: Int,
    to destination: UnsafeMutableRawBufferPointer
  ) throws {
    guard column == 0 else {
      return try captions.copy(batch, column: column - 1, to: destination)
    }
    let width = rowShape.reduce(4, *)
    for (position, row) in batch.rows.enumerated() {
      let picture = pictures[pictureOfRow[row]]
      guard picture.count * 4 == width, destination.count >= (position + 1) * width else {
        throw TrainingError.data(
          "a picture has \(picture.count) elements, the encoder takes \(width / 4)"
        )
      }
      picture.withUnsafeBytes { bytes in
        UnsafeMutableRawBufferPointer(
          rebasing: destination[position * width..<(position + 1) * width]
        ).copyMemory(from: bytes)
      }
    }
  }
}

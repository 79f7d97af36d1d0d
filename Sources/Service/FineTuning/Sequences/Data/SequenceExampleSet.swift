import Datasets
import ONNXFormat
import Storage
import Tensors

/// Examples of a sequence model as it reads them: checked, encoded, in memory.
struct SequenceExampleSet: Sendable {
  let task: SequenceTask
  /// What the encoder reads, or the tokens that are labelled; ids.
  var sources: [[Int32]] = []
  /// What the decoder reads.
  var inputs: [[Int32]] = []
  /// What it shall answer: the token behind each of `inputs`, or the label of each of `sources`.
  var targets: [[Int32]] = []
  /// The class of each source.
  var classes: [Int64] = []
  /// Scaled values of each series.
  var series: [[Float]] = []
  /// Elements of each picture.
  var pictures: [[Float]] = []
  /// The picture that each of `targets` describes.
  var pictureOfTarget: [Int] = []
  /// Tokens that the vocabularies do not have, of all tokens.
  var unknownCount = 0
  var tokenCount = 0

  init(_ task: SequenceTask) { self.task = task }

  /// Examples: what a batch counts.
  var count: Int {
    switch task {
    case .forecasting: series.count
    case .textClassification: classes.count
    default: targets.count
    }
  }

  /// Bytes in memory, about.
  var byteCount: Int {
    tokenCount * 8 + (series.count + targets.count + sources.count) * 48
      + series.reduce(0) { $0 + $1.count * 4 } + pictures.count * (pictures.first?.count ?? 0) * 4
  }

  /// SHA-256 of all that training sees, in lower-case hexadecimal: the same for the same examples in the same order, whatever file
  /// they came from.
  var digest: String {
    var hash = SHA256()
    hash.update(Array("martlet sequences 1 \(task.rawValue)\n".utf8))
    func add<Element>(_ rows: [[Element]]) {
      withUnsafeBytes(of: UInt64(rows.count).littleEndian) { hash.update($0) }
      for row in rows {
        withUnsafeBytes(of: UInt64(row.count).littleEndian) { hash.update($0) }
        row.withUnsafeBytes { hash.update($0) }
      }
    }
    add(sources)
    add(inputs)
    add(targets)
    add([classes])
    add(series)
    add(pictures)
    add([pictureOfTarget])
    return SHA256.hexadecimal(hash.finalize())
  }

  /// What the user should know though the examples can be used.
  var warnings: [String] {
    guard unknownCount > 0 else { return [] }
    return [
      "\(unknownCount) of \(tokenCount) tokens are not in the model's vocabulary and are read as unknown"
    ]
  }

  // MARK: - Splitting

  /// Positions for training and validation: the same for the same examples, fraction and seed.
  ///
  /// A picture is in one part with all its captions. Of series the later examples are held out: earlier ones overlap them.
  func split(
    validationFraction: Double,
    seed: UInt64
  ) -> (training: [Int], validation: [Int]) {
    let own = UInt64(digest.prefix(16), radix: 16) ?? 0
    switch task {
    case .forecasting:
      let heldOut = min(Int((Double(count) * validationFraction).rounded()), max(count - 1, 0))
      return (Array(0..<(count - heldOut)), Array((count - heldOut)..<count))
    case .imageCaptioning:
      let pictures = Split(
        count: pictures.count,
        validationFraction: validationFraction,
        seed: seed ^ own
      )
      let isHeldOut = Set(pictures.validation)
      return (
        (0..<count).filter { !isHeldOut.contains(pictureOfTarget[$0]) },
        (0..<count).filter { isHeldOut.contains(pictureOfTarget[$0]) }
      )
    default:
      let split = Split(
        count: count,
        validationFraction: validationFraction,
        seed: seed ^ own
      )
      return (split.training, split.validation)
    }
  }
}

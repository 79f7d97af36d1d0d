package import Datasets
import Tensors

/// Batches of pictures, each with one of its sentences, for an encoder of pictures and a decoder of text.
///
/// Every pass shows each pair of picture and sentence once. Columns: pictures float32 [N, C, H, W] as the model takes them; the sentences
/// from the start token on and up to the end token, both int64 [N, T]; the weights of these tokens, float32 [N, T].
package struct CaptionBatches: BatchSource {
  private let images: CaptionedImages
  private let preprocessing: ImagePreprocessing
  /// The picture of each pair.
  private let pictures: [Int]
  private let sentences: SequenceBatches
  private let isFlipping: Bool

  private static let imageColumn = 0

  /// - Parameters:
  ///   - images: Pictures of the model's size.
  ///   - vocabulary: Encodes the sentences.
  ///   - preprocessing: How a picture becomes an input.
  ///   - lengthMax: Longer sentences are left out, in tokens with the end token.
  ///   - batchSize: Pairs of a batch.
  ///   - isFlipping: Shows half of the pictures mirrored, other ones in every pass; not for sentences that tell left from right.
  ///   - seed: Shuffles; `nil` keeps an order, for evaluation.
  /// - Throws: `TrainingError.data` where no sentence is short enough.
  package init(
    _ images: CaptionedImages,
    _ vocabulary: Vocabulary,
    _ preprocessing: ImagePreprocessing,
    lengthMax: Int,
    batchSize: Int,
    isFlipping: Bool = false,
    seed: UInt64?
  ) throws(TrainingError) {
    var pictures: [Int] = []
    var texts: [[Int32]] = []
    for (picture, captions) in images.captions.enumerated() {
      for caption in captions {
        let ids = vocabulary.encode(caption).ids.map { Int32($0) }
        guard !ids.isEmpty, ids.count < lengthMax else { continue }
        pictures.append(picture)
        texts.append(ids)
      }
    }
    guard !texts.isEmpty else {
      throw .data("no sentence has 1 to \(lengthMax - 1) tokens")
    }
    self.images = images
    self.preprocessing = preprocessing
    self.pictures = pictures
    self.isFlipping = isFlipping
    let step = PaddedLength.multiple(of: 4)
    sentences = try SequenceBatches(
      fields: [
        .init(texts.map { [Int32(Vocabulary.start)] + $0 }, padding: step),
        .init(texts.map { $0 + [Int32(Vocabulary.end)] }, padding: step),
      ],
      columns: [.tokens(field: 0), .tokens(field: 1), .weights(field: 1)],
      weightField: 1,
      batchSize: batchSize,
      seed: seed
    )
  }

  package var batchesPerPass: Int { sentences.batchesPerPass }
  package func batches(inPass pass: Int) -> [Batch] { sentences.batches(inPass: pass) }

  package func columns(of batch: Batch) throws -> [BatchColumn] {
    let shape = try Shape(
      validating: [batch.rows.count, images.channels, images.height, images.width]
    )
    return [BatchColumn(.float32, shape)] + (try sentences.columns(of: batch))
  }

  package func copy(
    _ batch: Batch,
    column: Int,
    to destination: UnsafeMutableRawBufferPointer
  ) throws {
    guard column == Self.imageColumn else {
      return try sentences.copy(batch, column: column - 1, to: destination)
    }
    try images.copy(batch.rows.map { pictures[$0] }, preprocessing, to: destination)
    guard isFlipping else { return }
    let values = destination.bindMemory(to: Float.self)
    let pictureSize = images.channels * images.height * images.width
    for (position, row) in batch.rows.enumerated() where isFlipped(row, pass: batch.pass) {
      let start = position * pictureSize
      for line in stride(from: start, to: start + pictureSize, by: images.width) {
        values[line..<line + images.width].reverse()
      }
    }
  }

  private func isFlipped(_ row: Int, pass: Int) -> Bool {
    var random = Philox(seed: UInt64(pass), stream: UInt64(row))
    return random.below(2) == 1
  }
}

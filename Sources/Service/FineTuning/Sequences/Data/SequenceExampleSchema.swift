import Datasets
import ONNXFormat

/// What a sequence model needs examples to be: the version's vocabularies, labels and limits.
struct SequenceExampleSchema: Sendable {
  let task: SequenceTask
  let format: ModelManifest.SequenceFormat
  /// Of what the model reads; nil where that is what it writes, or no text.
  let source: Vocabulary?
  /// Of what the model writes.
  let target: Vocabulary?
  let labels: [String]
  /// How a picture file becomes the encoder's input.
  let image: ImagePreprocessing?
  let forecast: ModelManifest.ForecastFormat?

  /// Tokens of one example of a text that goes on: states are not carried from one to the next.
  static let textWindow = 64
  /// Values of one example of a series, where the model does not say.
  static let seriesWindow = 48

  /// Tokens or values of the longest source.
  var sourceLengthMax: Int { format.sourceLengthMax ?? format.lengthMax }
}

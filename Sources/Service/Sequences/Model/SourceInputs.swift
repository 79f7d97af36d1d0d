import Datasets
import GraphIR
import ONNXFormat
import Tensors

/// Makes an encoder's inputs, each for one row, of a text or an image.
///
/// The inputs are known by their types: int64 [N,S] reads tokens, padded to `source_length_max`; int32 [N] their number;
/// float32 [N,C,H,W] an image.
struct SourceInputs: Sendable {
  private let names: Names
  private let lengthMax: Int
  private let isReversed: Bool
  /// How image files become pixels.
  private let images: ImageInput?
  /// Sizes of one image.
  private let imageShape: [Int]

  private struct Names: Sendable {
    var tokens: String?
    var lengths: String?
    var image: String?
  }

  /// - Parameters:
  ///   - graph: The encoder.
  ///   - format: Of the manifest.
  ///   - images: How it takes images, where it does.
  /// - Throws: `ServiceError` naming an input that is none of the above.
  init(
    _ graph: Graph,
    _ format: ModelManifest.SequenceFormat,
    images: ImageInput?
  ) throws(ServiceError) {
    var names = Names()
    var imageShape: [Int] = []
    for id in graph.inputs {
      let value = graph[id]
      switch value.type.dtype {
      case .int64 where names.tokens == nil: names.tokens = value.name
      case .int32 where names.lengths == nil: names.lengths = value.name
      case .float32 where names.image == nil:
        names.image = value.name
        imageShape = (value.type.shape.dimensions ?? []).dropFirst().map { $0.size ?? 0 }
      default:
        throw .invalid(
          "the encoder's input '\(value.name)' is \(value.type); expected tokens (int64 [N,S]), lengths (int32 [N]) or an image (float32 [N,C,H,W])"
        )
      }
    }
    guard (names.tokens == nil) != (names.image == nil) else {
      throw .invalid("the encoder reads either tokens or an image")
    }
    if names.image != nil, images == nil {
      throw .invalid("preprocessing.image of model.json does not fit the encoder's input")
    }
    self.names = names
    self.images = images
    self.imageShape = imageShape
    lengthMax = format.sourceLengthMax ?? 1
    isReversed = format.sourceReversed
  }

  /// The encoder's inputs by name.
  ///
  /// - Throws: `ServiceError` for tokens that are too many or none, or pixels of another number than the encoder takes.
  func tensors(_ content: EncodedSequence.Content) throws(ServiceError) -> [String: Tensor] {
    switch content {
    case .tokens(let tokens):
      guard let name = names.tokens, (1...lengthMax).contains(tokens.count) else {
        throw .invalid("\(tokens.count) tokens, the model takes 1 to \(lengthMax)")
      }
      var row = [Int64](repeating: Int64(Vocabulary.padding), count: lengthMax)
      for (index, token) in (isReversed ? tokens.reversed() : tokens).enumerated() {
        row[index] = Int64(token)
      }
      var tensors = [name: Tensor(row, [1, lengthMax])]
      if let lengths = names.lengths {
        tensors[lengths] = Tensor(vector: [Int32(tokens.count)])
      }
      return tensors
    case .pixels(let pixels):
      guard let name = names.image, pixels.count == imageShape.reduce(1, *) else {
        throw .invalid("\(pixels.count) pixels, the model takes \(Shape(imageShape))")
      }
      return [name: Tensor(pixels, Shape([1] + imageShape))]
    case .values:
      throw .invalid("the model takes no series")
    }
  }

  /// A source that is like others, to find out what the encoder makes of it.
  func example() throws(ServiceError) -> [String: Tensor] {
    if names.image != nil {
      return try tensors(.pixels([Float](repeating: 0, count: imageShape.reduce(1, *))))
    }
    return try tensors(.tokens([Vocabulary.end]))
  }

  /// - Throws: `ServiceError` where pixels of this shape are no image for the encoder: `[C,H,W]`, or `[H,W]` for one channel.
  func checkPixels(_ shape: [Int]) throws(ServiceError) {
    let isGrey = imageShape.first == 1 && shape == Array(imageShape.dropFirst())
    guard shape == imageShape || isGrey else {
      throw .invalid("pixels have shape \(Shape(shape)), expected \(Shape(imageShape))")
    }
  }

  /// The pixels of an image file as the encoder takes them.
  ///
  /// - Throws: What the decoder says about bytes that are no image.
  func pixels(ofFile bytes: [UInt8]) throws -> [Float] {
    guard let images else { throw ServiceError.invalid("the model takes no images") }
    return try bytes.withUnsafeBytes { try images.decode($0) }
  }
}

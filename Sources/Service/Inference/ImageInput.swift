import Tensors

/// How a model takes images: decodes one, resizes and normalises it as model.json says.
package struct ImageInput: Sendable {
  /// The input that images go to.
  package let input: Int
  /// Answers one row, `dtype` and elements as the input has them, for the bytes of an image file.
  ///
  /// Throws what the decoder says about bytes that are no image.
  package let decode: @Sendable (UnsafeRawBufferPointer) throws -> [Float]

  package init(
    input: Int,
    decode: @escaping @Sendable (UnsafeRawBufferPointer) throws -> [Float]
  ) {
    self.input = input
    self.decode = decode
  }
}

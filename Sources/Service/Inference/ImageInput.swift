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
    input: Int, decode: @escaping @Sendable (UnsafeRawBufferPointer) throws -> [Float]
  ) {
    self.input = input
    self.decode = decode
  }

  /// The number of pixels that a PNG file claims to have; 0 where it is none.
  static func pixelCount(_ bytes: UnsafeRawBufferPointer) -> Int {
    // Width and height stand behind signature, length and type of the first chunk.
    guard isPNG(bytes), bytes.count >= 24 else { return 0 }
    let width = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
    let height = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
    let (product, overflow) = Int(width).multipliedReportingOverflow(by: Int(height))
    return overflow ? Int.max : product
  }

  /// Whether bytes start as a PNG file does.
  package static func isPNG(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
  }
}

package import Storage

/// The picture format of ITU-T T.81 (ISO/IEC 10918-1) in its JFIF and Exif files: a decoder.
///
/// Read are baseline, extended sequential and progressive files of 8-bit samples with Huffman codes, grey or of three colours, at any
/// subsampling. Samples come out as libjpeg makes them with its defaults: its integer "islow" cosine transform, its triangle filter
/// between the samples of halved planes, its conversion from YCbCr.
package enum JPEG {
  /// The SOI marker, and the first byte of the marker behind it.
  static let signature: [UInt8] = [0xFF, 0xD8, 0xFF]
  /// Scans of one picture; encoders make about ten.
  package static let scanCountMax = 128
  /// Bytes that coefficients, planes and pixels of one picture may take together.
  package static let memoryByteCountMax = 1 << 29

  /// Decodes a picture to 8 bits a sample, turned as its Exif orientation says: 1 channel, or red, green and blue.
  ///
  /// What follows the end marker is ignored, as cameras put a second picture there.
  ///
  /// - Throws: `FormatError` for damage, a file cut short, sizes above the limits of `Image`, and for the parts of the standard that
  ///   hardly any file uses: arithmetic codes, lossless and hierarchical files, 12-bit samples, four colours (CMYK), a height given by
  ///   a DNL marker.
  package static func decode(_ bytes: [UInt8]) throws(FormatError) -> Image {
    var decoder = JPEGDecoder(bytes)
    return try decoder.image()
  }
}

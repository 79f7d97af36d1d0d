/// The line that separates the parts of a multipart body (RFC 2046 §5.1.1).
package struct MultipartBoundary: Equatable, Sendable {
  /// Longest boundary, bytes (RFC 2046 §5.1.1).
  package static let bytesMax = 70

  /// The boundary without its leading dashes.
  package let bytes: [UInt8]

  /// Checks a boundary: 1 to 70 bytes of `bchars`, the last no space.
  package init(_ bytes: [UInt8]) throws(RequestError) {
    guard (1...Self.bytesMax).contains(bytes.count), bytes.allSatisfy(Self.isBoundaryByte),
      bytes.last != ASCII.space
    else {
      throw .malformed(
        "A multipart boundary must be 1 to \(Self.bytesMax) letters, digits, spaces or '()+_,-./:=?, and not end in a space."
      )
    }
    self.bytes = bytes
  }

  /// Reads the boundary from the `Content-Type` of a form.
  ///
  /// - Throws: 415 where that is not `multipart/form-data`, 400 where it has no valid boundary.
  package init(contentType: BorrowedBytes?) throws(RequestError) {
    let parsed = try contentType.map { bytes throws(RequestError) in try ParameterizedValue(bytes) }
    guard let parsed, parsed.value.equalsIgnoringCase("multipart/form-data") else {
      throw RequestError(
        .unsupportedMediaType,
        "The Content-Type must be multipart/form-data, as from curl -F file=@data.jsonl."
      )
    }
    guard let boundary = parsed["boundary"] else {
      throw .malformed("The Content-Type multipart/form-data has no boundary.")
    }
    try self.init(boundary)
  }

  /// `bchars`: never CR, so that a delimiter can begin only where a CR is.
  private static func isBoundaryByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, ASCII.space: true
    case 0x27, 0x28, 0x29, 0x2B, 0x5F, 0x2C, 0x2D, 0x2E, 0x2F, 0x3A, 0x3D, 0x3F: true
    default: false
    }
  }
}

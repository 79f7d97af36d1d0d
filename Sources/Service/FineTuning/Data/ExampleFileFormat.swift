import Datasets

/// The format of a file of examples, told by its first bytes, with its name as a help where text looks alike.
enum ExampleFileFormat: Equatable {
  case jsonLines
  case csv
  case npz
  case tar
  /// Compressed: the format shows when it is inflated.
  case gzip

  /// Bytes from the start that are looked at.
  static let headByteCount = 512

  /// What files may be, for messages.
  static let known =
    "JSONL, CSV, .npz, or a .tar of class folders with PNG or JPEG pictures or of idx files (.gz of these too)"

  /// Tells the format.
  ///
  /// - Throws: `ExampleFault` for what is none of them.
  init(_ head: UnsafeRawBufferPointer, name: String) throws(ExampleFault) {
    func refuse(_ got: String) -> ExampleFault {
      ExampleFault("format", expected: Self.known, got: got)
    }
    guard !head.isEmpty else { throw refuse("an empty file") }
    let lower = name.lowercased()
    if head.starts(with: [0x1F, 0x8B]) {
      self = .gzip
    } else if head.starts(with: [0x50, 0x4B, 0x03, 0x04]) || head.starts(with: "PK\u{5}\u{6}".utf8)
    {
      self = .npz
    } else if head.count >= 262, head[257..<262].elementsEqual("ustar".utf8) {
      self = .tar
    } else if lower.hasSuffix(".tar") || lower.hasSuffix(".tar.gz") || lower.hasSuffix(".tgz") {
      // Archives of before 1988 have no mark; the checksum of their first header decides.
      self = .tar
    } else if ImageDecoder.isPicture(head) {
      throw refuse("a single picture")
    } else if head.starts(with: [0x93] + Array("NUMPY".utf8)) {
      throw refuse("a single array: save inputs and labels with numpy.savez")
    } else if IDXPairs.isIDX(head) {
      throw refuse("a single idx file: pack images and labels into one .tar")
    } else if head.contains(0) {
      throw refuse("unknown bytes")
    } else if let first = head.first(where: { $0 > 0x20 }) {
      let isNamedJSON = lower.hasSuffix(".jsonl") || lower.hasSuffix(".jsonl.gz")
      self = first == UInt8(ascii: "{") || isNamedJSON ? .jsonLines : .csv
    } else {
      self = lower.hasSuffix(".csv") || lower.hasSuffix(".csv.gz") ? .csv : .jsonLines
    }
  }
}

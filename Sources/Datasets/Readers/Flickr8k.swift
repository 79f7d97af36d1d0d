package import Storage
import Tensors

/// Flickr8k (Hodosh, Young, Hockenmaier 2013): pictures with five captions each.
///
/// A folder holds `captions.csv` (header `image,caption`), `split_by_sha1.tsv` (`image<TAB>train|dev|test`), and the pictures as JPEG
/// files in `images_64x64_jpeg.zip`.
package struct Flickr8k: Sendable {
  /// A part of the corpus, by its name in the split's file.
  package enum Part: String, Sendable, CaseIterable {
    case training = "train"
    case validation = "dev"
    case test
  }

  /// A picture and what people say about it.
  package struct Example: Sendable {
    package let name: String
    /// The bytes of a JPEG file.
    package let image: [UInt8]
    package let captions: [String]
  }

  /// Sorted by the bytes of their names, by part.
  package let examples: [Part: [Example]]

  /// Bytes of all pictures.
  package static let imageByteCountMax = 1 << 30

  /// Reads the folder.
  ///
  /// - Throws: `FormatError` where a file cannot be read, or a picture of the split lacks its file or captions.
  package init(in folder: String) throws(FormatError) {
    let captions = try Self.captions(
      TextLines.read(contentsOf: "\(folder)/captions.csv").joined(separator: "\n")
    )
    let archive = try ZipReader.read(
      FileAccess.read(
        "\(folder)/images_64x64_jpeg.zip",
        byteCountMax: Self.imageByteCountMax
      ),
      byteCountMax: Self.imageByteCountMax
    )
    var images: [String: [UInt8]] = [:]
    for file in archive { images[file.name] = file.bytes }
    var examples: [Part: [Example]] = [:]
    let split = try TextLines.read(contentsOf: "\(folder)/split_by_sha1.tsv")
    for (index, line) in split.enumerated() {
      let fields = line.split(separator: "\t").map(String.init)
      guard fields.count == 2, let part = Part(rawValue: fields[1]) else {
        throw FormatError(
          "flickr8k",
          "split_by_sha1.tsv, line \(index + 1): expected a name, a tab, and train, dev or test"
        )
      }
      guard let image = images[fields[0]], let sentences = captions[fields[0]] else {
        throw FormatError("flickr8k", "no picture or no captions of \(fields[0])")
      }
      examples[part, default: []].append(
        Example(name: fields[0], image: image, captions: sentences)
      )
    }
    self.examples = examples.mapValues { list in
      list.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
  }

  /// Captions by the name of their picture, in the order of the table.
  static func captions(_ table: String) throws(FormatError) -> [String: [String]] {
    var records = CSVRecords(Array(table.utf8))
    guard try records.next() == ["image", "caption"] else {
      throw FormatError("flickr8k", "the header of captions.csv is not image,caption")
    }
    var captions: [String: [String]] = [:]
    while let fields = try records.next() {
      guard fields.count == 2 else {
        throw FormatError(
          "flickr8k",
          "captions.csv, line \(records.line): \(fields.count) fields; expected 2"
        )
      }
      captions[fields[0], default: []].append(fields[1])
    }
    return captions
  }
}

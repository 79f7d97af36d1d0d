import Datasets
import Tensors

/// Adds the pictures of an archive; the folder that holds a picture names its class.
///
/// What stands before that folder must be the same for all: one leading folder, or none.
struct PictureFolders {
  /// The folder above the classes, as the first picture has it.
  private var leading: String?
  /// Files that are no pictures.
  private(set) var otherCount = 0

  /// Endings of pictures that are not read.
  private static let foreignEndings = [
    ".gif", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".heic",
  ]

  /// Whether a name has the ending of a picture.
  static func isNamedAsPicture(_ name: String) -> Bool {
    let lower = name.lowercased()
    return (ImageDecoder.endings + foreignEndings).contains { lower.hasSuffix($0) }
  }

  /// Adds one file to `builder`; others than pictures are only counted.
  mutating func add(
    _ name: String,
    _ file: [UInt8],
    to builder: inout ExampleBuilder
  ) throws(ExampleProblems) {
    guard Self.isNamedAsPicture(name) || file.withUnsafeBytes(ImageDecoder.isPicture) else {
      otherCount += 1
      return
    }
    let folder = Self.folder(name)
    if let folder, leading == nil { leading = folder.leading }
    let leading = leading
    try builder.row(at: .member(name)) { builder throws(ExampleFault) in
      guard let folder, folder.leading == leading else {
        let place = leading.flatMap {
          $0.isEmpty ? nil : " in the folder \(ExampleFault.quoted($0))"
        }
        throw ExampleFault(
          "member",
          expected: "class/picture.png\(place ?? "")",
          got: folder.map { "a class in \(ExampleFault.quoted($0.leading))" } ?? "no folder"
        )
      }
      guard file.withUnsafeBytes(ImageDecoder.isPicture) else {
        throw ExampleFault(
          "member",
          expected: "a \(ImageDecoder.formats) picture",
          got: "another format"
        )
      }
      try builder.appendPicture(file, field: "member")
      try builder.targets.append(.text(folder.label))
    }
  }

  private static func folder(_ name: String) -> (leading: String, label: String)? {
    let parts = name.split(separator: "/").dropLast()
    guard let label = parts.last else { return nil }
    return (parts.dropLast().joined(separator: "/"), String(label))
  }
}
